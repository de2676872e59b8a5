"""The reference's outputs for changed arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.evidence.cells import Cell, Material, alike
from autograder.evidence.relations.changes import Change, changes
from autograder.evidence.relations.quantities import bound, defaults, rebound
from autograder.evidence.relations.seen import Array, Seen, close, numbers
from autograder.trials.call import Raised

SAME, CUT, FILLED = "", ", cut to the size of your output", ", with 0 up to the size of your output"


class Recomputed:
    """The reference's outputs for changed arguments, one call for each change and case."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.defaults = defaults(material)
        self._values: dict[tuple[str, int], Any] = {}

    def changes(self, cell: Cell) -> list[Change]:
        """The changes for a call; of changes with the same words, the first."""
        found: dict[str, Change] = {}
        for one in changes(bound(self.material, cell.trial.call), self.defaults):
            found.setdefault(one.words, one)
        return list(found.values())

    def output(self, change: Change, cell: Cell) -> Any:
        """The output of a cell after a change: a value, Raised, or None if it does not apply."""
        key = change.words, id(cell.trial)
        if key not in self._values:
            self._values[key] = self._computed(change, cell)
        value = self._values[key]
        return value if isinstance(value, Raised) else self.material.part(value, cell)

    def _computed(self, change: Change, cell: Cell) -> Any:
        call = cell.trial.call
        new = change.new(bound(self.material, call))
        if not new:
            return None
        for name, value in new.items():
            other = rebound(self.material, call, name, value)
            if other is None:
                return None
            call = other
        return self.material.recomputed(call)

    def fit(self, change: Change, seen: Seen) -> str | None:
        """How the answer fits the reference for changed arguments: SAME, CUT, FILLED or None."""
        value = self.output(change, seen.cell)
        if value is None or isinstance(value, Raised):
            return None
        other = numbers(value)
        if other is None:
            return SAME if not change.negates and alike(seen.cell.got, value) else None
        other = -other if change.negates else other
        if seen.is_got(other):
            return SAME
        if seen.got is None or seen.expected is None or not change.resizes:
            return None
        if not other.ndim or close(other, seen.expected):
            return None
        cut, filled = _resized(other, seen.got.shape)
        if cut is not None and seen.is_got(cut):
            return CUT
        return FILLED if filled is not None and seen.is_got(filled) else None

    def fits(self, change: Change, how: str, seen: Seen) -> bool:
        """Whether the answer fits in one way; SAME fits in each way."""
        return self.fit(change, seen) in (SAME, how)

    def is_contradicted(self, change: Change, how: str, cell: Cell) -> bool:
        """Whether the change makes the reference wrong in a case where the answer is right."""
        if not change.new(bound(self.material, cell.trial.call)):
            return False
        return not self._is_right(change, how, cell)

    def _is_right(self, change: Change, how: str, cell: Cell) -> bool:
        value = self.output(change, cell)
        other, expected = numbers(value), numbers(cell.expected)
        if isinstance(value, Raised) or other is None or expected is None:
            return not isinstance(value, Raised) and alike(cell.expected, value)
        other = -other if change.negates else other
        if other.shape == expected.shape:
            return alike(expected, other)
        cut, filled = _resized(other, expected.shape)
        made = cut if how == CUT else filled if how == FILLED else None
        return made is not None and alike(expected, made)


def _resized(values: Array, shape: tuple[int, ...]) -> tuple[Array | None, Array | None]:
    """Values cut to a shape, and filled up with 0; None where that is not possible."""
    if values.ndim != len(shape):
        return None, None
    if all(n >= m for n, m in zip(values.shape, shape, strict=True)):
        return values[tuple(slice(m) for m in shape)], None
    if all(n <= m for n, m in zip(values.shape, shape, strict=True)):
        filled = np.zeros(shape)
        filled[tuple(slice(n) for n in values.shape)] = values
        return None, filled
    return None, None
