"""Relations value by value: squared, absolute, rounded, negative, constant."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from autograder.evidence.relations.seen import Array, Fact, Seen


def elements(seen: Seen) -> Iterator[Fact]:
    """Facts about outputs of the right shape that are one function of the expected values."""
    if seen.pair is None:
        return
    got, expected = seen.pair
    if got.shape != expected.shape:
        return
    with np.errstate(all="ignore"):
        for name, (text, values) in _functions(expected).items():
            if np.isfinite(values).all() and seen.is_got(values):
                yield Fact(name, text, 1)
    if seen.distinct > 1 and np.unique(np.abs(expected)).size > 1:
        if not np.array_equal(got, -expected) and seen_signs(got, expected):
            yield Fact(
                "signs",
                "Only signs are wrong: the absolute values of your output are right. Where do you "
                "lose or change a sign?",
                4,
            )


def seen_signs(got: Array, expected: Array) -> bool:
    """Whether the absolute values agree, and some signs, not all, differ."""
    size = np.abs(expected)
    if not (np.abs(np.abs(got) - size) <= 1e-4 * size + 1e-5 * size.max()).all():
        return False
    wrong = (np.sign(got) != np.sign(expected)) & (size > 1e-4 * size.max())
    return bool(wrong.any() and not wrong[size > 1e-4 * size.max()].all())


def _functions(expected: Array) -> dict[str, tuple[str, Array]]:
    half = torch.from_numpy(np.ascontiguousarray(expected)).half().double().numpy()
    return {
        "squared": (
            "Your values are the squares of the expected ones. Is a square root missing, or do you "
            "square once too often?",
            expected**2,
        ),
        "root": (
            "Your values are the square roots of the expected ones. Is a square root too many?",
            np.sqrt(expected),
        ),
        "reciprocal": (
            "Your values are 1 divided by the expected ones. Are the two sides of a division "
            "exchanged?",
            1 / expected,
        ),
        "reciprocal_root": (
            "Your values are 1 divided by the square roots of the expected ones.",
            1 / np.sqrt(expected),
        ),
        "absolute": (
            "Your values are the absolute values of the expected ones: signs are lost. Where?",
            np.abs(expected),
        ),
        "clamped": (
            "Where a negative value is expected, you have 0; the others are right. Where do you "
            "take a maximum with 0, or start a maximum from 0?",
            np.maximum(expected, 0),
        ),
        "exponential": (
            "Your values are exp of the expected ones. Is a logarithm missing?", np.exp(expected)
        ),
        "logarithm": (
            "Your values are the logarithms of the expected ones.", np.log(expected)
        ),
        "truncated": (
            "Your values are the expected ones without their digits after the point. Where do they "
            "become integers? Look at int(), //, integer dtypes, and tensors made from integers.",
            np.trunc(expected),
        ),
        "rounded": (
            "Your values are the expected ones rounded to whole numbers. Where do they become "
            "integers?",
            np.round(expected),
        ),
        "floored": (
            "Your values are the expected ones rounded down to whole numbers. Look at // "
            "and floor.",
            np.floor(expected),
        ),
        "ceiled": (
            "Your values are the expected ones rounded up to whole numbers. Look at ceil and "
            "-(-a // b).",
            np.ceil(expected),
        ),
        "one_minus": ("Your values are 1 minus the expected ones.", 1 - expected),
        "half_precision": (
            "Your values are the expected ones in the precision of float16. Where do you make a "
            "float16?",
            half,
        ),
    }  # fmt: skip


def constants(seen: Seen) -> Iterator[Fact]:
    """Facts about outputs that have one value, or values that are not numbers."""
    got, expected = seen.got, seen.expected
    if got is None or expected is None or not got.size or not expected.size:
        return
    if np.isnan(got).all() and not np.isnan(expected).any():
        yield Fact(
            "nan",
            "All values of your output are nan: not a number. They come from 0 / 0, inf - inf, or "
            "the root or logarithm of a negative number, or from memory that is not filled. "
            "Print the values before the last steps.",
            0,
            0,
        )
        return
    if not np.isfinite(got).all() and np.isfinite(expected).all():
        kind = "nan" if np.isnan(got).any() else "infinite"
        yield Fact(
            "not_finite",
            f"Some values of your output are {kind}. Look for a division by 0, for the root or "
            "logarithm of a number that can be negative, and for memory that is not filled.",
            0,
            0,
        )
        return
    if got.shape != expected.shape or got.size < 2 or not expected.any():
        return
    if not got.any():
        yield Fact(
            "zeros",
            "All values of your output are 0. Is the result ever written into it, and is it this "
            "tensor that you return?",
            0,
            4,
            True,
        )
    elif np.unique(got.round(6)).size == 1:
        yield Fact(
            "constant",
            "All values of your output are the same number. Expected are different ones. Which "
            "step makes them equal, for example a sum or mean over too many axes?",
            9,
            4,
            True,
        )
