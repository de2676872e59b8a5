"""Output sizes of windows: the known wrong formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.evidence.cells import Cell, Material
from autograder.evidence.relations.quantities import bound
from autograder.evidence.relations.seen import Fact, Seen, numbers

NEAREST = "rounded to the nearest whole number; it has to be rounded down"
KERNELS = ("kernel", "kernel_size", "k", "K", "size", "window", "pool")


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
        "nearest": (NEAREST, lambda w: round((w.n + 2 * w.p - w.k) / w.s) + 1),
        "nearest of all": (NEAREST, lambda w: round((w.n + 2 * w.p - w.k) / w.s + 1)),
        "halves up": (NEAREST, lambda w: math.floor((w.n + 2 * w.p - w.k) / w.s + 1.5)),
        "once": (
            "computed with the padding counted once; it lies on both sides",
            lambda w: (w.n + w.p - w.k) // w.s + 1,
        ),
        "unpadded": (
            "the one without padding",
            lambda w: (w.n - w.k) // w.s + 1,
        ),
        "too_few": (
            "one less than it should be: the place where the first window starts counts too",
            lambda w: (w.n + 2 * w.p - w.k) // w.s,
        ),
        "too_many": (
            "one more than it should be",
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

    broken = {
        output: _broken([cell for cell in material.cells if cell.output == output], known)
        for output in right
    }

    def facts(seen: Seen) -> Iterator[Fact]:
        cell = seen.cell
        found = known.get(id(cell.trial)) or windows(bound(material, cell.trial.call))
        got = _sizes(cell.got, len(found))
        if not found or not right.get(cell.output) or not got or seen.got is None:
            return
        is_fraction = isinstance(cell.got, float) and not isinstance(cell.expected, float)
        if (got == [w.right for w in found] and not is_fraction) or not _same_start(
            seen, len(found)
        ):
            return
        yield from _facts(found, got, broken.get(cell.output, frozenset()), seen.got.ndim)

    return facts


def _broken(cells: Sequence[Cell], known: Mapping[int, Sequence[Window]]) -> frozenset[str]:
    """The formulas that are wrong in a case where the answer is right."""
    return frozenset(
        name
        for name, (_, formula) in _formulas().items()
        for cell in cells
        if not cell.is_wrong and any(formula(w) != w.right for w in known[id(cell.trial)])
    )


def _facts(
    axes: Sequence[Window], got: Sequence[float], broken: Collection[str], ndim: int
) -> Iterator[Fact]:
    """Facts about all sizes of windows, or about the sizes along one axis.

    Formulas that right cases contradict come last.
    """
    first = ndim - len(axes)
    right: list[float] = [axis.right for axis in axes]
    for number, (name, (text, formula)) in enumerate(_formulas().items()):
        rank = number + 50 * (name in broken)
        sizes = [formula(axis) for axis in axes]
        if list(got) == sizes:
            said = "Your number is" if not ndim else "The size of your output is"
            yield Fact(
                "output_size", f"{said} {text}. Compare the formula of the lecture.", rank, 0
            )
        for place, size in enumerate(sizes):
            one = [*right[:place], size, *right[place + 1 :]]
            if len(axes) > 1 and list(got) == one:
                yield Fact(
                    "output_size",
                    f"Along axis {first + place} the size of your output is {text}. It is right "
                    "along the others. Compare the lines that compute these sizes.",
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
    """Whether the axes before the windows' axes have the expected sizes."""
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
        (arguments[n] for n in KERNELS if type(arguments.get(n)) is int and (n != "size")), None
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
