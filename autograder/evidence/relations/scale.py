"""Relations of size: a factor or an added number, for all values or for each channel."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from autograder.evidence.relations.seen import Array, Fact, Seen, close

_MIN_RATIO, _MAX_RATIO = 1e-4, 1e4
_MIN_POINTS = 4  # cases from which a formula is read
_SIMPLE = 12  # the largest denominator of a factor that is told as a fraction


def factor(seen: Seen) -> float | None:
    """The number that the expected values are multiplied with, or None."""
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
        return None
    got, expected = seen.pair
    total = float((expected * expected).sum())
    if not total:
        return None
    found = float((got * expected).sum() / total)
    if not _MIN_RATIO <= abs(found) <= _MAX_RATIO or abs(found - 1) < 1e-3:
        return None
    return found if seen.is_got(found * expected) else None


def negative(seen: Seen) -> Iterator[Fact]:
    """The fact that all signs are exchanged."""
    found = factor(seen)
    if found is not None and abs(found + 1) < 1e-4:
        yield Fact(
            "negative",
            "Your output is the expected one times -1. Is a sign missing or one too many, or are "
            "the two sides of a difference exchanged?",
            0,
        )


def same_factor(seen: Seen) -> Iterator[Fact]:
    """The fact of a factor that is the same number everywhere."""
    found = factor(seen)
    if found is None or abs(found + 1) < 1e-4:
        return
    yield Fact(
        "factor",
        f"All values of your output are {_number(found)} times the expected ones. Where does a "
        "factor come in, or where is one missing?",
        3,
    )


def any_factor(seen: Seen) -> Iterator[Fact]:
    """The fact of a factor that differs from case to case."""
    if factor(seen) is not None:
        yield Fact(
            "factor",
            "In each case, all values of your output are the expected ones times one number. The "
            "number differs from case to case. Do you divide by a wrong count, or a sum where a "
            "mean belongs?",
            6,
            is_general=True,
        )


def offset(seen: Seen) -> Iterator[Fact]:
    """The fact that one number is added to all values."""
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
        return
    got, expected = seen.pair
    gap = got - expected
    if not seen.is_got(expected + gap.mean()):
        return
    whole = round(float(gap.mean()))
    if whole and abs(float(gap.mean()) - whole) < 1e-4:
        yield Fact(
            "offset",
            f"All values of your output are {_more(whole)} than expected. Where is a number added, "
            "or not added?",
            2,
        )
    yield Fact(
        "offset",
        "In each case, all values of your output differ from the expected ones by the same number. "
        "Is something added that should not be, or not added?",
        7,
        is_general=True,
    )


def by_channel(seen: Seen) -> Iterator[Fact]:
    """Facts about a factor or an added number for each index of one axis."""
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
        return
    got, expected = seen.pair
    for axis in range(got.ndim):
        others = tuple(k for k in range(got.ndim) if k != axis)
        several = got.shape[axis] > 1
        if got.size // got.shape[axis] < 3:
            continue
        gap = (got - expected).mean(axis=others, keepdims=True)
        if seen.is_got(expected + gap) and (not several or np.ptp(gap) > 1e-3 * np.abs(gap).max()):
            yield Fact(
                "offset_by_index",
                f"Your output differs from the expected one by one number for each index of axis "
                f"{axis}. Is something missing or counted twice that is added along this axis, "
                "such as a bias or a mean?",
                8,
                is_general=True,
            )
        total = (expected * expected).sum(axis=others, keepdims=True)
        if not (total > 1e-12).all():
            continue
        ratio = (got * expected).sum(axis=others, keepdims=True) / total
        if (
            np.abs(ratio).min() > _MIN_RATIO
            and (not several or np.ptp(ratio) > 1e-3 * np.abs(ratio).max())
            and seen.is_got(expected * ratio)
        ):
            yield Fact(
                "factor_by_index",
                f"Your output is the expected one times one number for each index of axis {axis}. "
                "Is something missing or used twice that scales along this axis, such as a weight "
                "or a standard deviation?",
                8,
                is_general=True,
            )


def affine(seen: Seen) -> Iterator[Fact]:
    """The fact that got is one number times expected, plus another number."""
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape or seen.distinct < 8:
        return
    got, expected = seen.pair
    middle = expected - expected.mean()
    total = float((middle * middle).sum())
    slope = float((middle * got).sum()) / total if total else 0.0
    if abs(slope) < 1e-3 or abs(slope - 1) < 1e-3:
        return
    shift = float(got.mean() - slope * expected.mean())
    if abs(shift) > 1e-3 * np.abs(got).max() and seen.is_got(slope * expected + shift):
        yield Fact(
            "scaled_and_moved",
            "In each case, your values are the expected ones times one number, plus another one. "
            "Which step scales and moves all values alike?",
            9,
            is_general=True,
        )


def formula(points: Sequence[tuple[float, Mapping[str, float]]]) -> str:
    """The only simple formula of the quantities that gives the factor in all cases, or "".

    ``points`` are factors and the quantities of their cases. The factors differ between cases.
    Quantities that are equal in all cases are one: the first name is told.
    """
    factors = np.array([one for one, _ in points])
    if len(points) < _MIN_POINTS or len(np.unique(factors.round(6))) < 2:
        return ""
    names = [n for n in points[0][1] if all(n in other for _, other in points)]
    columns: dict[tuple[float, ...], str] = {}
    for name in sorted(names, key=lambda name: not name.startswith("x.")):
        column = tuple(other[name] for _, other in points)
        if min(column) > 0 and len(set(column)) > 1:
            columns.setdefault(column, name)
    for degree in (1, 2, 3, 4):
        found = _formulas(factors, {name: np.array(c) for c, name in columns.items()}, degree)
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def _formulas(factors: Array, columns: Mapping[str, Array], degree: int) -> list[str]:
    """The formulas with so many factors that fit; two at most."""
    found: list[str] = []
    for names in itertools.combinations_with_replacement(columns, degree):
        for powers in itertools.product((-1, 1), repeat=degree):
            if any(
                one == other and p != q
                for (one, p), (other, q) in itertools.combinations(
                    zip(names, powers, strict=True), 2
                )
            ):
                continue
            values = np.ones(len(factors))
            for name, power in zip(names, powers, strict=True):
                values = values * columns[name] ** power
            text = _text(names, powers)
            if text not in found and bool((np.abs(values - factors) <= 1e-4 * factors).all()):
                found.append(text)
                if len(found) > 1:
                    return found
    return found


def _text(names: Sequence[str], powers: Sequence[int]) -> str:
    over = [name for name, power in zip(names, powers, strict=True) if power > 0]
    under = [name for name, power in zip(names, powers, strict=True) if power < 0]
    top = " * ".join(over) or "1"
    if not under:
        return top
    return f"{top} / {under[0]}" if len(under) == 1 else f"{top} / ({' * '.join(under)})"


def _number(value: float) -> str:
    near = Fraction(value).limit_denominator(_SIMPLE)
    if near and math.isclose(near, value, rel_tol=1e-4):
        return str(near)
    return f"{value:.4g}"


def _more(whole: int) -> str:
    return f"{whole} more" if whole > 0 else f"{-whole} less"


def formula_fact(text: str) -> Fact:
    """The fact of a factor that is a formula of the case's sizes."""
    return Fact(
        "factor",
        f"Your values are the expected ones times {text}. Is a division or a "
        "multiplication missing, or one too many?",
        2,
    )


def is_factor(seen: Seen, value: float) -> bool:
    """Whether the factor of an output is a number."""
    return seen.pair is not None and close(seen.pair[0], value * seen.pair[1])
