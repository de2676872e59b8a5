"""Differences in points between the gradebook and new results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nbgrader.api import Gradebook, MissingEntry

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.records.gradebook import open_gradebook
from autograder.results import NotebookResult, Outcome


@dataclass(frozen=True)
class Change:
    """The automatic points of one student's notebook, in the gradebook and in the new result.

    None means no points: not graded yet, or no verdict because the grader failed.
    """

    student: str
    notebook: str
    before: float | None
    after: float | None


def changes(
    course: Course, bundles: list[NotebookBundle], results: Iterable[NotebookResult]
) -> list[Change]:
    """The differences between results and gradebook, in the results' order; writes nothing."""
    found: list[Change] = []
    by_name = {bundle.name: bundle for bundle in bundles}
    with open_gradebook(course) as gradebook:
        for result in results:
            before = _recorded_points(gradebook, by_name[result.notebook], result)
            after = None if result.outcome is Outcome.GRADER_ERROR else result.points
            if before != after:
                found.append(Change(result.student, result.notebook, before, after))
    return found


def _recorded_points(
    gradebook: Gradebook, bundle: NotebookBundle, result: NotebookResult
) -> float | None:
    """The sum of the automatic scores; None if there are no scores or one of them is missing."""
    try:
        notebook = gradebook.find_submission_notebook(
            result.notebook, result.assignment, result.student
        )
    except MissingEntry:
        return None
    without_verdict = {cell.grade_id for cell in (*bundle.manual, *bundle.tries)}
    scores = {grade.name: grade.auto_score for grade in notebook.grades}
    if any(score is None for name, score in scores.items() if name not in without_verdict):
        return None
    return round(sum(float(score or 0.0) for score in scores.values()), 4)
