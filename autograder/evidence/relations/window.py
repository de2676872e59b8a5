"""Output sizes of windows: the known wrong formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.evidence.cells import Material
from autograder.evidence.relations.quantities import bound
from autograder.evidence.relations.seen import Fact, Seen, numbers

_KERNELS = ("kernel", "kernel_size", "k", "K", "size", "window", "pool")


@dataclass(frozen=True)
class Window:
    """A window on one axis: its length n, kernel k, stride s and padding p."""

    n: int
    k: int
    s: int
    p: int

    @property
    def right(self) -> int:
        return (self.n + 2 * self.p - self.k) // self.s + 1


def _formulas() -> dict[str, tuple[str, Callable[[Window], float]]]:
    """Wrong output sizes: their words, and the formula."""
    return {
        "up": (
            "rounded up where it has to be rounded down: the last window would reach over the edge",
            lambda w: math.ceil((w.n + 2 * w.p - w.k) / w.s) + 1,
        ),
        "nearest": (
            "rounded to the nearest whole number; it has to be rounded down",
            lambda w: round((w.n + 2 * w.p - w.k) / w.s) + 1,
        ),
        "once": (
            "computed with the padding counted once; it lies on both sides",
            lambda w: (w.n + w.p - w.k) // w.s + 1,
        ),
        "unpadded": (
            "the one without padding",
            lambda w: (w.n - w.k) // w.s + 1,
        ),
        "too_few": (
            "one less than it should be along each axis: count the first window too",
            lambda w: (w.n + 2 * w.p - w.k) // w.s,
        ),
        "too_many": (
            "one more than it should be along each axis",
            lambda w: (w.n + 2 * w.p - w.k) // w.s + 2,
        ),
        "one_early": (
            "computed with 1 added before the division by the stride; the order matters",
            lambda w: (w.n + 2 * w.p - w.k + 1) // w.s,
        ),
        "no_kernel": (
            "computed without the size of the kernel",
            lambda w: (w.n + 2 * w.p) // w.s,
        ),
        "no_kernel_1": (
            "computed without the size of the kernel",
            lambda w: (w.n + 2 * w.p) // w.s + 1,
        ),
        "unstrided": (
            "the one for stride 1",
            lambda w: w.n + 2 * w.p - w.k + 1,
        ),
        "unstrided_unpadded": (
            "the one for stride 1 and no padding",
            lambda w: w.n - w.k + 1,
        ),
        "padding_last": (
            "computed with the padding added after the division by the stride",
            lambda w: (w.n - w.k) // w.s + 1 + 2 * w.p,
        ),
        "divided": (
            "the number before rounding; a size is a whole number",
            lambda w: (w.n + 2 * w.p - w.k) / w.s + 1,
        ),
        "input": ("the size of the input", lambda w: w.n),
        "padded_input": ("the size of the padded input", lambda w: w.n + 2 * w.p),
    }


def window_sizes(material: Material) -> Callable[[Seen], Iterator[Fact]]:
    """Facts about output sizes that follow a known wrong formula.

    None if the right formula does not give the expected sizes of all cases.
    """
    known = {id(cell.trial): windows(bound(material, cell.trial.call)) for cell in material.cells}
    right = {
        output: all(
            _sizes(cell.expected, len(known[id(cell.trial)]))
            == [w.right for w in known[id(cell.trial)]]
            for cell in material.cells
            if cell.output == output and known[id(cell.trial)]
        )
        for output in {cell.output for cell in material.cells}
    }

    def facts(seen: Seen) -> Iterator[Fact]:
        cell = seen.cell
        found = known.get(id(cell.trial)) or windows(bound(material, cell.trial.call))
        got = _sizes(cell.got, len(found))
        if not found or not right.get(cell.output) or not got:
            return
        if got == [w.right for w in found] or not _same_start(seen, len(found)):
            return
        yield from _facts(found, got, is_number=seen.got is not None and not seen.got.ndim)

    return facts


def _facts(axes: Sequence[Window], got: Sequence[float], is_number: bool) -> Iterator[Fact]:
    """Facts about all sizes of windows, or about the sizes along one axis."""
    right: list[float] = [axis.right for axis in axes]
    for rank, (text, formula) in enumerate(_formulas().values()):
        sizes = [formula(axis) for axis in axes]
        if list(got) == sizes:
            said = "Your number is" if is_number else "The size of your output is"
            yield Fact(
                "output_size", f"{said} {text}. Compare the formula of the lecture.", rank, 0
            )
        for place, size in enumerate(sizes):
            one = [*right[:place], size, *right[place + 1 :]]
            if len(axes) > 1 and list(got) == one:
                where = "the last axis" if place else "the axis before the last"
                yield Fact(
                    "output_size",
                    f"Along {where} the size of your output is {text}. Along the other axis it is "
                    "right. Compare the two lines that compute them.",
                    20 + rank,
                    0,
                )
    if len(axes) == 2 and len(set(got)) == 1 and got[0] in right:
        word = "before the last" if got[0] == right[0] else "that is last"
        yield Fact(
            "output_size",
            f"The last two sizes of your output are equal. Both are the size along the "
            f"axis {word}. "
            "Does each axis have its own size in your code?",
            40,
            0,
        )


def _same_start(seen: Seen, axes: int) -> bool:
    """Whether the axes before those of the windows have the expected sizes."""
    if seen.got is None or seen.expected is None or seen.got.ndim != seen.expected.ndim:
        return False
    return seen.got.ndim == 0 or seen.got.shape[:-axes] == seen.expected.shape[:-axes]


def _sizes(value: Any, axes: int) -> list[float]:
    """The last sizes of a tensor, or a number itself."""
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim >= max(axes, 1):
        return [float(n) for n in value.shape[value.ndim - axes :]]
    number = numbers(value)
    return [float(number)] if number is not None and number.ndim == 0 else []


def windows(arguments: Mapping[str, Any]) -> Sequence[Window]:
    """The windows of a call, one for each axis that they move along; empty if not known."""
    stride, padding = arguments.get("stride"), arguments.get("padding", 0)
    sizes = _lengths(arguments)
    if not sizes or type(padding) is not int or padding < 0:
        return ()
    if stride is None:
        given = [k for _, k in sizes]
    elif type(stride) is int and stride > 0:
        given = [stride] * len(sizes)
    else:
        return ()
    return [Window(n, k, s, padding) for (n, k), s in zip(sizes, given, strict=True)]


def _lengths(arguments: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Lengths of axes and of kernels along them."""
    x = next((value for value in arguments.values() if isinstance(value, torch.Tensor)), None)
    kernel = next(
        (arguments[n] for n in _KERNELS if type(arguments.get(n)) is int and (n != "size")), None
    )
    if x is None:
        size = arguments.get("size")
        return [(size, kernel)] if type(size) is int and type(kernel) is int else []
    weight = arguments.get("weight")
    if isinstance(weight, torch.Tensor) and weight.dim() == x.dim() > 2:
        return list(zip(x.shape[2:], weight.shape[2:], strict=True))
    if type(kernel) is int and x.dim() >= 2:
        return [(n, kernel) for n in x.shape[-2:]]
    return []
