"""Exercises and mistakes that a command names, and the recorded results that they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle
from autograder.errors import UsageError
from autograder.results import NotebookResult, TestResult

Exercises = Mapping[tuple[str, str], frozenset[str]]
"""Exercises by student and notebook."""

_NEAR = 3  # known names that an error message lists


def check_exercises(bundles: Sequence[NotebookBundle], wanted: Iterable[str]) -> None:
    """Check that all of these exercises are graded by a test.

    Raises UsageError, with similar names, for any other name.
    """
    tested = {cell.exercise for bundle in bundles for cell in bundle.tests}
    by_hand = {cell.exercise for bundle in bundles for cell in bundle.manual} - tested
    for name in wanted:
        if name in by_hand:
            raise UsageError(f"{name} is graded by a person, not by a check")
        if name not in tested:
            raise UsageError(f"no exercise {name!r} with a check{_like(name, tested)}")


def check_diagnoses(
    bundles: Sequence[NotebookBundle], results: Iterable[NotebookResult], wanted: Sequence[str]
) -> None:
    """Check that all of these ids are known.

    Known are the misconceptions of the course, and all ids in the recorded results, such as
    ``EXERCISE.relation_NAME`` and ``EXERCISE.exception_NAME``. Raises UsageError, with similar ids,
    for any other id.
    """
    if not wanted:
        return
    known = {wrong.id for bundle in bundles for wrong in load_bank(bundle)}
    known |= {one for result in results for test in result.tests for one in mistakes_of(test)}
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"no misconception of the course and no recorded diagnosis is {name!r}"
                f"{_like(name, known)}"
            )


def mistakes_of(test: TestResult) -> tuple[str, ...]:
    """The ids of all mistakes in the verdict on a test, the first one first."""
    return (*((test.diagnosis,) if test.diagnosis else ()), *test.also)


def with_diagnosis(results: Iterable[NotebookResult], wanted: Iterable[str]) -> Exercises:
    """The exercises in whose recorded verdict one of these mistakes stands."""
    ids = set(wanted)
    found: dict[tuple[str, str], frozenset[str]] = {}
    for result in results:
        exercises = frozenset(
            test.exercise for test in result.tests if not ids.isdisjoint(mistakes_of(test))
        )
        if exercises:
            found[result.student, result.notebook] = exercises
    return found


def _like(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), _NEAR, 0.5)
    return f". Similar: {', '.join(near)}" if near else ""
