"""Name the misconception with the same outputs as a wrong answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.checks.context import Misconception
from autograder.trials.call import Asked, Observation, Trial, Use, observe
from autograder.trials.compare import difference


def matching(
    trials: Sequence[Trial],
    misconceptions: Sequence[Misconception],
    use: Use | None,
    arguments: bool = True,
) -> list[Misconception]:
    """The misconceptions that behave as the student did on every trial.

    ``arguments``: whether the trials have observed changed arguments.
    """
    # Most misconceptions differ in the first failing trial: the quickest one goes first.
    ordered = sorted(trials, key=lambda trial: (trial.passed, trial.seconds))
    return [
        misconception
        for misconception in misconceptions
        if all(_behaves_alike(misconception, trial, use, arguments) for trial in ordered)
    ]


def _behaves_alike(
    misconception: Misconception, trial: Trial, use: Use | None, arguments: bool
) -> bool:
    theirs = observe(misconception.function, Asked(trial.call, arguments=arguments), use)
    return same(trial.got, theirs)


def _words(text: str) -> str:
    """The text of an exception without its numbers, which depend on the case."""
    return re.sub(r"[-\d.]+", "#", text)[:200]


def same(student: Observation, other: Observation) -> bool:
    """Whether two observations agree: value, dtype, exception, changed arguments."""
    if student.raised or other.raised:
        if student.raised is None or other.raised is None:
            return False
        alike = _words(student.raised.text) == _words(other.raised.text)
        return student.raised.kind == other.raised.kind and alike
    if student.changed != other.changed:
        return False
    try:
        return difference(student.value, other.value, strict_dtype=True) is None
    except TypeError:
        return False
