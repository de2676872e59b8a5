"""Whole matches: misconceptions that behave as the answer does in all cases."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.evidence.cells import Material, alike
from autograder.evidence.findings import Finding, Misconception
from autograder.results import Evidence
from autograder.trials.call import Observation, Trial
from autograder.trials.compare import difference


def whole(material: Material, misconceptions: Sequence[Misconception]) -> list[Finding]:
    """One finding for the misconceptions with the same outputs, dtypes and side effects, or []."""
    found = matching(material, misconceptions)
    return [_finding(material, found, Evidence.WHOLE)] if found else []


def whole_values(material: Material, misconceptions: Sequence[Misconception]) -> list[Finding]:
    """The same by values alone: the answer may lose the dtype or change its arguments as well."""
    if not material.wrong:
        return []
    found = [one for one in misconceptions if material.has_same_values(one.function)]
    return [_finding(material, found, Evidence.WHOLE)] if found else []


def matching(material: Material, misconceptions: Sequence[Misconception]) -> list[Misconception]:
    """The misconceptions that behave as the answer did on every trial."""
    # Most misconceptions differ in the first failing trial: the quickest one goes first.
    trials = [trial for _, trial in material.trials]
    ordered = sorted(trials, key=lambda trial: (trial.passed, trial.seconds))
    return [
        misconception
        for misconception in misconceptions
        if all(same(t.got, material.observed(misconception.function, t)) for t in ordered)
        and (_has_pattern(trials) or _same_texts(material, misconception, trials))
    ]


def _has_pattern(trials: Sequence[Trial]) -> bool:
    """Whether some call returned a value; if none did, only equal texts are evidence."""
    return any(trial.got.raised is None for trial in trials)


def _same_texts(material: Material, one: Misconception, trials: Sequence[Trial]) -> bool:
    return all(
        alike(trial.got.raised, material.observed(one.function, trial).raised) for trial in trials
    )


def _finding(material: Material, found: Sequence[Misconception], evidence: Evidence) -> Finding:
    first, *others = found
    explained = frozenset(cell.number for cell in material.wrong)
    return Finding(first.id, evidence, first.sentence, explained, alternatives=tuple(others))


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
