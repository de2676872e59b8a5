"""Relations to other values of the case: its arguments and its other outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.evidence.cells import Material
from autograder.evidence.relations.quantities import bound
from autograder.evidence.relations.seen import Array, Fact, Seen, close, numbers
from autograder.trials.outputs import outputs_of


def others(material: Material) -> Callable[[Seen], Iterator[Fact]]:
    """The facts that an output is another value of the case, or differs by one."""

    def facts(seen: Seen) -> Iterator[Fact]:
        got = seen.got
        if got is None:
            return
        parts = outputs_of(seen.cell.trial.expected, seen.cell.trial.expected, material.names)
        for name, value in (parts or {}).items():
            other = numbers(value)
            if name != seen.cell.output and other is not None and close(got, other):
                yield Fact(
                    "other_output",
                    f"This is the expected {name}. In which order does the text ask for the "
                    "outputs?",
                    0,
                )
        for name, value in bound(material, seen.cell.trial.call).items():
            other = numbers(value)
            if other is not None and other.ndim and other.size:
                yield from _argument(seen, got, name, other)

    return facts


def _argument(seen: Seen, got: Array, name: str, other: Array) -> Iterator[Fact]:
    if close(got, other):
        yield Fact(
            "argument",
            f"Your output is the argument {name} itself, unchanged. Is the result lost, for "
            "example because a method returns a new tensor, or is the wrong variable returned?",
            0,
        )
        return
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
        return
    got, expected = seen.pair
    if got.ndim == 0:
        return
    for where, shaped in _aligned(other, got.shape):
        for sign, word in ((1.0, "plus"), (-1.0, "minus")):
            if seen.is_got(expected + sign * shaped):
                yield Fact(
                    "plus_argument",
                    f"Your output is the expected one {word} {name}{where}. Is {name} "
                    + ("left out?" if sign < 0 else "added once too often?"),
                    1,
                )
        if shaped.any() and seen.is_got(expected + _multiple(got - expected, shaped) * shaped):
            yield Fact(
                "plus_argument",
                f"Your output is the expected one plus a multiple of {name}{where}. Is {name} "
                "added more than once, or with the other sign?",
                2,
            )
        if np.ptp(shaped) > 0:
            for values, word in ((expected * shaped, "times"), (expected / shaped, "divided by")):
                if np.isfinite(values).all() and seen.is_got(values):
                    yield Fact(
                        "times_argument",
                        f"Your output is the expected one {word} {name}{where}. Is {name} left "
                        "out, used once too often, or used on the wrong side of a division?",
                        1,
                    )


def _multiple(gap: Array, other: Array) -> float:
    """The number whose product with an argument is next to the error."""
    return float((gap * other).sum() / (other * other).sum())


def _aligned(other: Array, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """An argument in the shape of an output: the same shape, or a vector along one axis."""
    if other.shape == shape:
        yield "", other
    elif 1 < other.ndim < len(shape) and other.shape == shape[len(shape) - other.ndim :]:
        yield "", np.broadcast_to(other, shape)
    if other.ndim == 1 and len(shape) > 1:
        for axis, size in enumerate(shape):
            if size == other.size:
                spread = [1] * len(shape)
                spread[axis] = size
                yield f" along axis {axis}", np.broadcast_to(other.reshape(spread), shape)
