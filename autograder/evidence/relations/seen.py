"""A wrong cell as two arrays of numbers, and facts about them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.evidence.cells import Cell

Array = np.ndarray[Any, np.dtype[Any]]
RTOL, ATOL = 1e-4, 1e-5  # relative to the value, and to the largest value
FEW = 4  # numbers of an output that is no tensor, such as a place
MAX_VALUES = 100_000  # of an output that is compared
EXPLAINED = 0.02  # the largest part of the error that a relation may leave


@dataclass(frozen=True)
class Fact:
    """A relation between got and expected; equal facts of several cells are one relation.

    Facts about the same cells compete: the smallest ``rank`` is told. ``needs`` is the
    number of distinct values from which one cell is evidence; 0 for facts that are no chance.
    They are values of the output, or with ``of_expected`` of the expected output. A general fact
    leaves values open, such as a number for each index: it is nothing for single numbers.
    """

    name: str
    sentence: str
    rank: int = 0
    needs: int = 4
    of_expected: bool = False
    is_general: bool = False


class Seen:
    """A cell with its numbers; ``got`` and ``expected`` are None if they are not numbers."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.got = numbers(cell.got)
        self.expected = numbers(cell.expected)

    @functools.cached_property
    def pair(self) -> tuple[Array, Array] | None:
        """Got and expected, if both are finite numbers that differ clearly."""
        got, expected = self.got, self.expected
        if got is None or expected is None or not got.size or not expected.size:
            return None
        if not (np.isfinite(got).all() and np.isfinite(expected).all()):
            return None
        if _is_whole(got) and _is_whole(expected):
            same = np.array_equal(got, expected)
        else:
            same = close(got, expected)
        return None if same else (got, expected)

    @functools.cached_property
    def error(self) -> float:
        """The largest error; infinite if the shapes differ."""
        if self.pair is None or self.pair[0].shape != self.pair[1].shape:
            return float("inf")
        return float(np.abs(self.pair[0] - self.pair[1]).max())

    @functools.cached_property
    def distinct(self) -> int:
        """The number of distinct values of the output, of got or expected where less."""
        if self.got is None or self.expected is None:
            return 1
        return min(_distinct(self.got), _distinct(self.expected))

    def is_evidence(self, fact: Fact) -> bool:
        """Whether a fact that holds for this cell alone is hardly chance."""
        if fact.of_expected:
            return self.expected is not None and _distinct(self.expected) >= fact.needs
        return self.distinct >= fact.needs

    def is_got(self, values: Any) -> bool:
        """Whether values equal the answer's, and explain its error."""
        if self.pair is None:
            return False
        got, values = self.pair[0], np.asarray(values)
        if values.shape != got.shape or not close(got, values):
            return False
        return float(np.abs(got - values).max(initial=0.0)) <= EXPLAINED * self.error


Family = Callable[[Seen], Iterable[Fact]]


def numbers(value: Any) -> Array | None:
    """The values of a tensor, an array, a number or a flat list of numbers, in float64.

    None for other values, and for very many.
    """
    if isinstance(value, (torch.Tensor, np.ndarray)) and math.prod(value.shape) > MAX_VALUES:
        return None
    if isinstance(value, torch.Tensor):
        if value.is_complex() or value.layout != torch.strided or value.is_quantized:
            return None
        return value.detach().to("cpu", torch.float64).numpy()
    if isinstance(value, (tuple, list)):
        if not value or len(value) > MAX_VALUES or any(not _is_number(item) for item in value):
            return None
        return np.array(value, dtype=np.float64)
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype.kind in "fiub" else None
    return np.array(float(value)) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < 1 << 53
    return isinstance(value, (float, np.floating, np.integer))


def _is_whole(values: Array) -> bool:
    """Whether a single number, or a few, are whole: such numbers are equal or different."""
    return values.ndim <= 1 and values.size <= FEW and bool((values == np.rint(values)).all())


def close(one: Array, other: Array) -> bool:
    """Whether two arrays have the same shape and values, up to rounding."""
    if one.shape != other.shape:
        return False
    size = np.abs(other)
    allowed = RTOL * size + ATOL * size.max(initial=0.0)
    return bool((np.abs(one - other) <= allowed).all())


def right_places(one: Array, other: Array) -> Array:
    """The places where two arrays of the same shape have the same value."""
    size = np.abs(other)
    found: Array = np.abs(one - other) <= RTOL * size + ATOL * size.max(initial=0.0)
    return found


def _distinct(values: Array) -> int:
    return len(np.unique(values.round(6)))
