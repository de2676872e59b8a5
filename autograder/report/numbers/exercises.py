"""Exercises as items of a test: how easy, how telling, and the groups of cases that fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from autograder.report.class_data import ClassData
from autograder.report.document import Exercise, Group
from autograder.report.numbers.judging import NO_NOTEBOOK, NO_POINTS_YET, RIGHT_OR_OPEN, answers
from autograder.results import Outcome, TestResult

MIN_STUDENTS = 10  # for a discrimination: with fewer, chance decides
HARD, EASY = 0.4, 0.95  # shares of the points
TELLING = 0.1  # a discrimination below it says nothing about the rest
_LOOK = "Strong students do no better here: look at the check and the wording."
_HARD = "Hard for this class."
_EASY = "Nearly everybody has it."

Key = tuple[str, str]  # notebook and exercise


@dataclass
class _Item:
    """One exercise: the points of each student who was judged in it, and all counts."""

    max_points: float = 0.0
    points: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def exercises(found: ClassData) -> tuple[Exercise, ...]:
    """All graded exercises, in the order of the course.

    A student counts in an exercise if the notebook was read and the exercise has a verdict that
    waits for nobody. Several tests of one exercise are one item.
    """
    items = _items(found)
    totals: dict[str, float] = {}
    mosts: dict[str, float] = {}
    for item in items.values():
        for student, points in item.points.items():
            totals[student] = totals.get(student, 0.0) + points
            mosts[student] = mosts.get(student, 0.0) + item.most[student]
    return tuple(_exercise(key, item, totals, mosts) for key, item in items.items())


def _items(found: ClassData) -> dict[Key, _Item]:
    items: dict[Key, _Item] = {
        (notebook, one): _Item()
        for notebook in found.notebooks
        for one in found.exercises[notebook]
    }
    tests: dict[tuple[Key, str], list[TestResult]] = {}
    for student, result, test in answers(found):
        if test.max_points > 0:
            tests.setdefault(((result.notebook, test.exercise), student.id), []).append(test)
    for (key, name), own in tests.items():
        item = items.setdefault(key, _Item())
        most = sum(test.max_points for test in own)
        item.max_points = max(item.max_points, most)
        outcomes = {test.outcome for test in own}
        if outcomes <= set(NO_NOTEBOOK):
            continue
        if outcomes & set(NO_POINTS_YET):
            is_open = Outcome.NEEDS_MANUAL_GRADE in outcomes
            item.counts["waiting" if is_open else "no_verdict"] += 1
            continue
        points = sum(test.points for test in own)
        item.points[name], item.most[name] = points, most
        item.counts[_kind(points, most, own)] += 1
        if key not in found.questions:
            item.counts["not_named"] += any(is_unnamed(test) for test in own)
    return {key: item for key, item in items.items() if item.max_points > 0}


def _kind(points: float, most: float, own: Sequence[TestResult]) -> str:
    if points >= most - 1e-9:
        return "full"
    if points > 0:
        return "partly"
    return "unwritten" if all(test.unwritten for test in own) else "nothing"


def is_unnamed(test: TestResult) -> bool:
    """Whether a check called an answer wrong without a name for the mistake."""
    judged = bool(test.wrong_groups or test.message)
    return (
        test.outcome not in RIGHT_OR_OPEN and not test.diagnosis and not test.unwritten and judged
    )


def _exercise(key: Key, item: _Item, totals: dict[str, float], mosts: dict[str, float]) -> Exercise:
    notebook, name = key
    shares = np.array([item.points[one] / item.most[one] for one in item.points])
    share = float(shares.mean()) if len(shares) else None
    telling = _discrimination(item, totals, mosts)
    counts = {kind: item.counts[kind] for kind in _COUNTS}
    is_known = len(shares) > item.counts["waiting"]  # most answers to a question may wait
    hint = _hint(share, telling) if is_known else ""
    return Exercise(
        notebook, name, item.max_points, len(shares), share, telling, hint=hint, **counts
    )


_COUNTS = ("full", "partly", "nothing", "unwritten", "waiting", "no_verdict", "not_named")


def _discrimination(item: _Item, totals: dict[str, float], mosts: dict[str, float]) -> float | None:
    """The corrected item-total correlation of shares: the rest is without the exercise itself.

    None for fewer than MIN_STUDENTS students with points elsewhere, or if one side does not vary.
    """
    own = [one for one in item.points if mosts[one] - item.most[one] > 1e-9]
    if len(own) < MIN_STUDENTS:
        return None
    here = np.array([item.points[one] / item.most[one] for one in own])
    rest = np.array(
        [(totals[one] - item.points[one]) / (mosts[one] - item.most[one]) for one in own]
    )
    if np.ptp(here) < 1e-9 or np.ptp(rest) < 1e-9:
        return None
    return float(np.corrcoef(here, rest)[0, 1])


def _hint(share: float | None, telling: float | None) -> str:
    if share is None:
        return ""
    if telling is not None and telling < TELLING and share < EASY:
        return _LOOK
    return _HARD if share < HARD else _EASY if share >= EASY else ""


def groups(found: ClassData) -> tuple[Group, ...]:
    """The groups of cases that fail, the most failing first within each exercise.

    The groups of an answer are known if it is right or if its check compared it with the
    reference. An answer that was not written, raised in the test itself or ran out of time has
    none, and does not count.
    """
    judged: Counter[Key] = Counter()
    failing: Counter[tuple[str, str, str]] = Counter()
    unjudged: Counter[tuple[str, str, str]] = Counter()
    for _, result, test in answers(found):
        key = (result.notebook, test.exercise)
        if test.outcome is Outcome.PASSED or test.wrong_groups or test.not_judged_groups:
            judged[key] += 1
        for group in test.wrong_groups:
            failing[*key, group] += 1
        for group in test.not_judged_groups:
            unjudged[*key, group] += 1
    order = {
        (name, one): place
        for place, (name, one) in enumerate(
            (name, one) for name in found.notebooks for one in found.exercises[name]
        )
    }
    ranked = sorted(
        failing.items(), key=lambda item: (order.get(item[0][:2], len(order)), -item[1], item[0])
    )
    return tuple(
        Group(notebook, exercise, group, count, judged[notebook, exercise], unjudged[where])
        for where, count in ranked
        for notebook, exercise, group in (where,)
    )
