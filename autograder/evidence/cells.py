"""Cells: the outputs of a wrong answer, one cell for each case and output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.trials.call import Asked, Observation, Raised, Trial, Use, observe
from autograder.trials.cases import Call, Style
from autograder.trials.compare import Tolerance, difference
from autograder.trials.outputs import WHOLE, output_names, outputs_of

LOOSE = Tolerance(1e-4, 1e-5)  # values of both dtypes; the dtype is judged elsewhere
_LOOKED_AT = 1_000  # values of an output that are looked at for distinct ones
DISTINCT = 4  # values of an output from which one cell is evidence
MAX_CALLS = 700  # calls of misconceptions and of the reference for one explanation
RETRIES = 3  # draws of other values that confirm a match


class OutOfCalls(Exception):
    """The calls of one explanation are used up."""


@dataclass(frozen=True)
class Cell:
    """One output of one case. ``got`` is without meaning if the call raised.

    ``number`` is its position among all cells.
    """

    number: int
    group: str
    output: str
    trial: Trial
    got: Any
    expected: Any
    is_wrong: bool

    @property
    def raised(self) -> Raised | None:
        """The exception that ended the call."""
        return self.trial.got.raised


@dataclass
class Material:
    """The cells of a wrong answer, and calls of functions.

    ``trials`` are pairs of a group and a trial; the smallest failing case has the group "". Trials
    that judge a property (dtype, memory layout, changed arguments) are not among the cells.
    ``arguments``: whether the trials observed changed arguments. ``retry(trial, number)`` tries the
    answer on other random values of the same sizes. Functions are called at most ``calls_left``
    times, and the same call once: then OutOfCalls is raised.
    """

    exercise: str
    oracle: Callable[..., Any] | None
    use: Use | None
    trials: Sequence[tuple[str, Trial]]
    arguments: bool = True
    retry: Callable[[Trial, int], Trial] | None = None
    calls_left: int = MAX_CALLS
    cells: tuple[Cell, ...] = ()
    names: tuple[str, ...] = ()  # names of the outputs of a function that returns a tuple
    _seen: dict[tuple[int, int], Observation] = field(default_factory=dict)
    _again: dict[tuple[int, int], Trial] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)  # whose ids are keys of _seen

    def __post_init__(self) -> None:
        self.names = output_names(self.oracle) if self.use is None else ()
        found: list[Cell] = []
        for group, trial in self.trials:
            if is_plain(trial.style):
                found += self._cells(len(found), group, trial)
        self.cells = tuple(found)

    @property
    def wrong(self) -> tuple[Cell, ...]:
        """The wrong cells."""
        return tuple(cell for cell in self.cells if cell.is_wrong)

    def observed(self, function: Callable[..., Any], trial: Trial) -> Observation:
        """The observation of another function in the same case; changed arguments included."""
        key = id(function), id(trial)
        if key not in self._seen:
            self._count()
            self._kept += [function, trial]
            asked = Asked(trial.call, arguments=self.arguments)
            self._seen[key] = observe(function, asked, self.use)
        return self._seen[key]

    def output(self, function: Callable[..., Any], cell: Cell) -> Any:
        """The output of another function in a cell: a value, or Raised."""
        seen = self.observed(function, cell.trial)
        return seen.raised or self.part(seen.value, cell)

    def recomputed(self, call: Call) -> Any:
        """The reference's value for other arguments, or Raised; only for plain functions."""
        if self.oracle is None:
            raise TypeError("this check has no oracle")
        self._count()
        seen = observe(self.oracle, Asked(call), self.use)
        return seen.raised or seen.value

    def again(self, cell: Cell) -> list[Cell]:
        """The same output for other random values of the same sizes; [] without ``retry``."""
        found = []
        for number in range(RETRIES if self.retry is not None else 0):
            key = id(cell.trial), number
            if key not in self._again and self.retry is not None:
                self._count()
                self._again[key] = self.retry(cell.trial, number)
            trial = self._again[key]
            found += [one for one in self._cells(0, cell.group, trial) if one.output == cell.output]
        return found

    def part(self, value: Any, cell: Cell) -> Any:
        """The part of a value that belongs to a cell, or None."""
        parts = outputs_of(value, cell.trial.expected, self.names)
        return None if parts is None else parts.get(cell.output)

    def has_same_values(self, function: Callable[..., Any]) -> bool:
        """Whether a function has the answer's values in all plain cases.

        Exceptions alone are no evidence: at least one wrong cell must be a value.
        """
        wrong_first = sorted(self.cells, key=lambda cell: not cell.is_wrong)
        is_same = all(
            alike(cell.raised or cell.got, self.output(function, cell)) for cell in wrong_first
        )
        return is_same and any(cell.raised is None for cell in self.wrong)

    def _count(self) -> None:
        if self.calls_left <= 0:
            raise OutOfCalls
        self.calls_left -= 1

    def _cells(self, first: int, group: str, trial: Trial) -> Iterable[Cell]:
        """The cells of one trial."""
        expected = outputs_of(trial.expected, trial.expected, self.names) or {}
        raised = trial.got.raised is not None
        got = None if raised else outputs_of(trial.got.value, trial.expected, self.names)
        if raised or got is None:
            value = None if raised else trial.got.value
            yield Cell(first, group, WHOLE, trial, value, trial.expected, not trial.passed)
            return
        for number, (name, part) in enumerate(expected.items()):
            wrong = not trial.passed and not alike(got[name], part, None)
            yield Cell(first + number, group, name, trial, got[name], part, wrong)


def is_plain(style: Style) -> bool:
    """Whether a case in this style judges values alone."""
    return style == Style() or style == Style(whole_numbers=True)


def alike(one: Any, other: Any, tolerance: Tolerance | None = LOOSE) -> bool:
    """Whether two outputs have the same values; exceptions are alike if type and text are."""
    if isinstance(one, Raised) or isinstance(other, Raised):
        both = isinstance(one, Raised) and isinstance(other, Raised)
        return both and (one.kind, one.text) == (other.kind, other.text)
    try:
        return difference(one, other, tolerance) is None
    except Exception:  # values that cannot be compared
        return False


def distinct(value: Any) -> int:
    """The number of distinct values of an output, as far as DISTINCT matters."""
    if not isinstance(value, torch.Tensor):
        return 1
    return len(set(value.detach().reshape(-1)[:_LOOKED_AT].tolist()))
