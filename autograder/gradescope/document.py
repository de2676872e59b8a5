"""``results.json`` for Gradescope.

Its format is documented at https://gradescope-autograders.readthedocs.io/en/latest/specs/ .
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from autograder import __version__
from autograder.course.source import NotebookBundle
from autograder.results import GRADER_FAILED, NotebookResult, Outcome, TestResult, worst

MAX_TEXT = 12_000  # characters of one entry; a message may quote a student's result
MAX_NOTES = 20
NO_SCORE = (
    "This submission has no score yet, and that is not a score of zero. Please tell your course "
    "staff; they can run the autograder again."
)
_WORDS = {
    Outcome.PASSED: "Right.",
    Outcome.PARTIAL: "Partly right.",
    Outcome.FAILED: "Not right yet.",
    Outcome.ERROR: "It stopped with an error.",
    Outcome.TIMED_OUT: "It ran out of time.",
    Outcome.OUT_OF_MEMORY: "It ran out of memory.",
    Outcome.CRASHED: "It crashed.",
}


class Visibility(StrEnum):
    """When students see the tests, in Gradescope's words."""

    VISIBLE = "visible"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"
    HIDDEN = "hidden"


def graded(
    bundles: Sequence[NotebookBundle],
    results: Sequence[NotebookResult],
    visibility: Visibility,
    seconds: float,
    reference: str = "",
) -> dict[str, Any]:
    """The document of a graded submission: an entry for each exercise, and the sum.

    Questions that a person grades have no score: Gradescope counts them in questions of their own.
    If the grader failed in any test, the document holds no score at all, and says so:
    Gradescope would take the missing points for zero. ``reference`` finds the run in the log.
    """
    outcome = worst([result.outcome for result in results])
    failed = any(
        test.outcome is Outcome.GRADER_ERROR for result in results for test in result.tests
    )
    failed = failed or outcome is Outcome.GRADER_ERROR
    by_name = {bundle.name: bundle for bundle in bundles}
    tests = [
        _entry(by_name[result.notebook], test, visibility, len(bundles) > 1, not failed)
        for result in results
        for test in result.tests
    ]
    found: dict[str, Any] = {
        "output": _notes(results, failed, reference),
        "output_format": "text",
        "visibility": visibility.value,
        "stdout_visibility": "hidden",
        "execution_time": round(seconds),
        "tests": tests,
        "extra_data": {"engine": __version__, "outcome": outcome.value},
    }
    if not failed:
        if leaderboard := _leaderboard(results):
            found["leaderboard"] = leaderboard
        found["score"] = round(sum(test.get("score", 0.0) for test in tests), 4)
    return found


def without_verdict(reference: str = "") -> dict[str, Any]:
    """The document of a submission that the grader did not finish: no score, and the reason."""
    return {
        "output": _failure(reference),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
        "extra_data": {"engine": __version__, "outcome": Outcome.GRADER_ERROR.value},
    }


def manual_questions(bundles: Sequence[NotebookBundle]) -> list[tuple[str, float]]:
    """Name and points of the questions that a person grades, in order."""
    return [
        (_title(bundle, cell.exercise or cell.grade_id, len(bundles) > 1), cell.points)
        for bundle in bundles
        for cell in bundle.manual
    ]


def _entry(
    bundle: NotebookBundle,
    test: TestResult,
    visibility: Visibility,
    with_notebook: bool,
    has_scores: bool,
) -> dict[str, Any]:
    manual = any(cell.grade_id == test.grade_id for cell in bundle.manual)
    title = _title(bundle, test.exercise or test.grade_id, with_notebook)
    entry: dict[str, Any] = {
        "name": _plain(title),
        "name_format": "text",
        "output": _text(test, manual),
        "output_format": "text",
        "visibility": visibility.value,
        "extra_data": {
            "grade_id": test.grade_id,
            "outcome": test.outcome.value,
            "diagnosis": test.diagnosis,
        },
    }
    if has_scores and not manual:
        entry |= {"score": test.points, "max_score": test.max_points}
    return entry


def _leaderboard(results: Sequence[NotebookResult]) -> list[dict[str, Any]]:
    """The numbers that exercises measured; each name stands once."""
    measured = [
        (test.exercise, name, value)
        for result in results
        for test in result.tests
        for name, value in test.measures
    ]
    names = [name for _, name, _ in measured]
    return [
        {"name": _plain(name if names.count(name) == 1 else f"{exercise}: {name}"), "value": value}
        for exercise, name, value in measured
    ]


def _title(bundle: NotebookBundle, name: str, with_notebook: bool) -> str:
    return f"{bundle.name}: {name}" if with_notebook else name


def _text(test: TestResult, manual: bool) -> str:
    """The sentences of the feedback: the outcome, the named mistake, the smallest failing case."""
    if manual:
        answered = test.outcome is Outcome.NEEDS_MANUAL_GRADE
        points = f"{test.max_points:g} point{'s' * (test.max_points != 1)}"
        told = "" if answered else test.message
        parts = [told, f"A person grades this question ({points})."]
    else:
        parts = [_WORDS.get(test.outcome, ""), test.message]
    return _plain("\n".join(part for part in parts if part))


def _notes(results: Sequence[NotebookResult], failed: bool, reference: str) -> str:
    lines = [_failure(reference), ""] if failed else []
    told = [
        f"{result.notebook}: {note}" if len(results) > 1 else note
        for result in results
        for note in result.notes
    ]
    lines += told[:MAX_NOTES]
    if len(told) > MAX_NOTES:
        lines.append(f"and {len(told) - MAX_NOTES} more notes")
    return _plain("\n".join(lines))


def _failure(reference: str) -> str:
    said = f"{GRADER_FAILED} {NO_SCORE}"
    return f"{said} Reference: {reference}." if reference else said


def _plain(text: str) -> str:
    """A text without control characters, with Unix line ends, and not too long."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        one if one in "\n\t" or one.isprintable() else " " if one.isspace() else "" for one in lines
    )
    return kept if len(kept) <= MAX_TEXT else f"{kept[:MAX_TEXT]} ..."
