"""Relations to the reference for other arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.evidence.cells import Cell, Material, OutOfCalls, alike
from autograder.evidence.relations.changes import Change, changes
from autograder.evidence.relations.quantities import bound, defaults, rebound
from autograder.evidence.relations.seen import Seen, numbers
from autograder.trials.call import Raised

_CHECKED_RIGHT = 6  # right cases that must not contradict


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

    def applies(self, change: Change, cell: Cell) -> bool:
        """Whether a change alters the arguments of a case."""
        return bool(change.new(bound(self.material, cell.trial.call)))

    def explains(self, change: Change, seen: Seen) -> bool:
        """Whether the answer has the reference's values for changed arguments."""
        value = self.output(change, seen.cell)
        if value is None or isinstance(value, Raised):
            return False
        other = numbers(value)
        return seen.is_got(other) if other is not None else alike(seen.cell.got, value)

    def is_contradicted(self, change: Change, right: Sequence[Cell]) -> bool:
        """Whether the answer is right in a case where the change makes the reference wrong."""
        altered = [cell for cell in right if self.applies(change, cell)][:_CHECKED_RIGHT]
        return any(not self._is_right(change, cell) for cell in altered)

    def _is_right(self, change: Change, cell: Cell) -> bool:
        value = self.output(change, cell)
        return not isinstance(value, Raised) and alike(cell.expected, value)


__all__ = ["OutOfCalls", "Recomputed"]
