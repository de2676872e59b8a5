"""Points by hand: the entries of persons in the gradebook, counted in the results of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import or_, select

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.results import NotebookResult, Outcome, TestResult, worst


@dataclass(frozen=True)
class Entry:
    """A person's entry for one cell: ``points`` are all points of the cell, with extra credit.

    ``replaces``: a person's points replace the automatic ones; otherwise there is only extra
    credit. ``waits``: the student or the course changed something later, so a person must look
    again.
    """

    points: float
    max_points: float
    replaces: bool
    waits: bool


Entries = Mapping[tuple[str, str], Mapping[str, Entry]]
"""The entries by student and notebook, then by the cell's grade_id."""


def entries(course: Course, assignment: str) -> Entries:
    """All entries of persons for an assignment; {} without a gradebook.

    Raises GradebookError if the gradebook cannot be read.
    """
    rows = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.score,
            Grade.max_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Assignment.name == assignment)
        .where(or_(Grade.manual_score.is_not(None), Grade.extra_credit != 0.0))
    )
    found: dict[tuple[str, str], dict[str, Entry]] = {}
    with explained(course.gradebook), read_only(course.gradebook) as session:
        for student, notebook, cell, points, most, manual, waits in session.execute(rows):
            entry = Entry(float(points), float(most), manual is not None, bool(waits))
            found.setdefault((student, notebook), {})[cell] = entry
    return found


def counted(results: Iterable[NotebookResult], entered: Entries) -> list[NotebookResult]:
    """The results with the points of persons, and with the outcomes that follow from them.

    A notebook that is missing, unreadable or without a verdict keeps its outcome.
    """
    return [_counted(one, entered.get((one.student, one.notebook), {})) for one in results]


def _counted(result: NotebookResult, entered: Mapping[str, Entry]) -> NotebookResult:
    if not entered:
        return result
    known = {test.grade_id for test in result.tests}
    tests = [_test(test, entered.get(test.grade_id)) for test in result.tests]
    tests += [
        TestResult(cell, cell, entry.points, entry.max_points, _outcome(entry))
        for cell, entry in entered.items()
        if cell not in known  # a task, which only a person grades
    ]
    outcome = result.outcome
    if outcome not in (Outcome.MISSING, Outcome.UNREADABLE, Outcome.GRADER_ERROR):
        outcome = worst([test.outcome for test in tests])
    return replace(result, tests=tuple(tests), outcome=outcome)


def _test(test: TestResult, entry: Entry | None) -> TestResult:
    if entry is None:
        return test
    keeps = not entry.replaces or test.outcome is Outcome.GRADER_ERROR
    outcome = test.outcome if keeps else _outcome(entry)
    return replace(test, points=entry.points, outcome=outcome)


def _outcome(entry: Entry) -> Outcome:
    if entry.waits:
        return Outcome.NEEDS_MANUAL_GRADE
    if entry.points >= entry.max_points:
        return Outcome.PASSED
    return Outcome.PARTIAL if entry.points > 0 else Outcome.FAILED
