"""Search for the smallest failing case."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import torch

from autograder.checks.plan import Case
from autograder.trials.call import Trial
from autograder.trials.cases import Sizes

MAX_CALLS = 60
MAX_STARTS = 2
DRAWS = 3  # of round numbers, until a case fails with them
_ALL = 5

Ranges = Mapping[str, tuple[int, int]]
Weight = tuple[int, int]
Key = tuple[tuple[str, object], ...]


def smallest_case(
    try_case: Callable[[Case], Trial],
    make: Callable[..., object],
    failing: Sequence[Trial],
    ranges: Ranges | None,
    where: Callable[..., bool] | None,
) -> Trial:
    """A small failing case with the same kind of mistake as the first failing trial.

    Sizes without a range stay as in the first failing trial, or as in another one if round numbers
    do not fail there. Its numbers are round if round numbers fail anywhere. With empty ranges it is
    the first failing trial.
    """
    first = failing[0]
    if ranges == {}:
        return first
    ranges = ranges or {}
    readable = replace(first.style, whole_numbers=True)
    alike = sorted((trial for trial in failing if _is_alike(trial, first)), key=_weight)
    same = [trial for trial in alike if _settings(trial, ranges) == _settings(first, ranges)]
    for starts in (same, alike) if len(alike) > len(same) else (same,):
        filled = [_defaults(make, ranges) | trial.sizes for trial in starts]
        for number in range(DRAWS):
            tried: dict[Key, Trial] = {}

            def failure(
                sizes: Sizes, number: int = number, tried: dict[Key, Trial] = tried
            ) -> Weight | None:
                trial = try_case(Case(sizes, readable, f"smallest {number}"))
                tried[_key(sizes)] = trial
                return _weight(trial) if _is_alike(trial, first) else None

            found = smallest_failing(filled, ranges, where or (lambda **_: True), failure)
            if found is not None:
                return tried[_key(found)]
    return same[0]


def _is_alike(trial: Trial, first: Trial) -> bool:
    """Whether a trial fails as the first one does, in the same style but for its numbers."""
    style = replace(trial.style, whole_numbers=first.style.whole_numbers)
    same = style == first.style and _kind(trial) == _kind(first)
    return same and not trial.passed


def _settings(trial: Trial, ranges: Ranges) -> Sizes:
    """The sizes without a range. If no size has a range, the result is empty."""
    return {n: size for n, size in trial.sizes.items() if n not in ranges} if ranges else {}


def smallest_failing(
    starts: Sequence[Sizes],
    ranges: Ranges,
    valid: Callable[..., bool],
    failure: Callable[[Sizes], Weight | None],
) -> Sizes | None:
    """The lightest failing sizes that the search finds, or None if no start fails.

    ``failure(sizes)`` is the weight of a failing case, or None if the case is right. The search
    begins at the first of ``starts`` that fails. It lowers the names in ``ranges`` (inclusive
    bounds): all at once, one at a time, and two of one value together. Other names keep their
    values. Each case is tried once, and the search ends after MAX_CALLS calls, so that its result
    does not depend on the speed of the machine.
    """
    search = _Search(ranges, valid, failure)
    start = next((one for one in starts[:MAX_STARTS] if search.fails(dict(one))), None)
    if start is None:
        return None
    case = dict(start)
    while (lower := search.lower(case)) is not None:
        case = lower
    return search.lightest()


def _key(sizes: Sizes) -> Key:
    return tuple(sizes.items())


class _Search:
    """The cases tried so far."""

    def __init__(
        self,
        ranges: Ranges,
        valid: Callable[..., bool],
        failure: Callable[[Sizes], Weight | None],
    ) -> None:
        self._ranges = ranges
        self._valid = valid
        self._failure = failure
        self._known: dict[Key, tuple[Sizes, Weight | None]] = {}

    def fails(self, sizes: Sizes) -> bool:
        """Whether a case fails; a case beyond MAX_CALLS counts as right."""
        key = _key(sizes)
        if key not in self._known:
            if len(self._known) >= MAX_CALLS:
                return False
            self._known[key] = sizes, self._failure(sizes)
        return self._known[key][1] is not None

    def lower(self, case: Sizes) -> Sizes | None:
        """The first failing case with lower sizes, or None."""
        names = [name for name in self._ranges if name in case]
        for changes in self._changes(case, names):
            lower = case | changes
            if self._valid(**lower) and self.fails(lower):
                return lower
        return None

    def lightest(self) -> Sizes:
        """The failing case of the least weight; of equal ones, the one tried last."""
        failing = [(weight, sizes) for sizes, weight in self._known.values() if weight is not None]
        return min(reversed(failing), key=lambda one: one[0])[1]

    def _changes(self, case: Sizes, names: Sequence[str]) -> Iterator[Sizes]:
        lowest = {name: self._ranges[name][0] for name in names}
        if any(case[name] > low for name, low in lowest.items()):
            yield lowest
        for name in names:
            for value in _below(case[name], *self._ranges[name]):
                yield {name: value}
        for one, other in combinations(names, 2):
            if case[one] == case[other] and self._ranges[one] == self._ranges[other]:
                for value in _below(case[one], *self._ranges[one]):
                    yield {one: value, other: value}


def _below(value: int, low: int, high: int) -> list[int]:
    """Values of a range that are below ``value``: all of the lowest, a few larger, the next one."""
    found = {low + step for step in (*range(_ALL), *(2**power for power in range(3, 20)))}
    return sorted(one for one in found | {value - 1} if low <= one <= high and one < value)


def _defaults(make: Callable[..., object], ranges: Ranges) -> Sizes:
    """The sizes with a range that ``make`` has defaults for."""
    parameters = inspect.signature(make).parameters
    return {
        name: parameters[name].default
        for name in ranges
        if name in parameters and parameters[name].default is not inspect.Parameter.empty
    }


def _weight(trial: Trial) -> Weight:
    """The number of elements of all tensors of the call, and the sum of its sizes.

    Sizes may be words; they count nothing.
    """
    elements = sum(tensor.numel() for tensor in _tensors([*trial.call.args, trial.call.kwargs]))
    whole = [size for size in trial.sizes.values() if type(size) is int]
    return elements, sum(whole)


def _kind(trial: Trial) -> tuple[str, bool]:
    """The kind of a failure: the type of its exception, and whether a shape is wrong."""
    if trial.got.raised is not None:
        return trial.got.raised.kind, False
    found = trial.difference
    shapes = {tuple(x.shape) for x in (found and found.got, found and found.expected)
              if isinstance(x, torch.Tensor)}  # fmt: skip
    return "", len(shapes) > 1


def _tensors(value: Any) -> Iterable[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _tensors(part)
