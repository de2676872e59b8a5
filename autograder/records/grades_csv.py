"""Grades as a table for spreadsheets and learning management systems."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.records.gradebook import handed_in_at, open_gradebook
from autograder.records.late_penalties import refresh_penalties
from autograder.records.lateness import lateness
from autograder.records.spreadsheet import harmless

# A spreadsheet runs a cell that starts with one of these characters as a formula.


def write_grades_csv(
    course: Course, assignment: str, board: Mapping[str, float] | None = None
) -> Path:
    """Write ``grades.csv`` in the course's folder and return its path.

    The table has a row for each student of the gradebook, a column for each notebook, and the total
    after late penalties, which are computed now. A student without a submission has empty points
    and a total of 0. ``board`` holds students' points of the leaderboard: one more column, part of
    the total, never late.

    Raises UsageError if the gradebook does not know the assignment.
    """
    path = course.root / "grades.csv"
    with open_gradebook(course) as gradebook:
        try:
            notebooks = [
                notebook.name for notebook in gradebook.find_assignment(assignment).notebooks
            ]
        except MissingEntry:
            raise UsageError(f"the gradebook knows no assignment {assignment!r}") from None
        refresh_penalties(gradebook, course.config, assignment)
        rows = [
            _row(course, gradebook, assignment, student, notebooks, board)
            for student in sorted(gradebook.students, key=lambda student: str(student.id))
        ]
    extra = ["leaderboard"] if board is not None else []
    header = ["student", "last_name", "first_name", *notebooks, *extra, "late_penalty", "total"]
    header += ["max_points", "submitted_at", "late", "needs_manual_grade"]
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["assignment", *header])
    table.writerows(rows)
    write_whole(path, text.getvalue())
    return path


def _row(
    course: Course,
    gradebook: Any,
    assignment: str,
    student: Any,
    notebooks: list[str],
    board: Mapping[str, float] | None,
) -> list[Any]:
    extra = [] if board is None else [board.get(student.id, 0.0)]
    person = [harmless(text) for text in (student.id, student.last_name, student.first_name)]
    most = gradebook.find_assignment(assignment).max_score
    try:
        submission = gradebook.find_submission(assignment, student.id)
    except MissingEntry:
        points = [*("" for _ in notebooks), *map(_number, extra), 0, _number(sum(extra))]
        return [assignment, *person, *points, _number(most), "", "no", "no"]
    scores = {notebook.name: notebook.score for notebook in submission.notebooks}
    penalty = submission.late_submission_penalty
    return [
        assignment,
        *person,
        *(_number(scores[name]) if name in scores else "" for name in notebooks),
        *map(_number, extra),
        _number(penalty),
        _number(max(0.0, submission.score - penalty) + sum(extra)),
        _number(most),
        f"{submission.timestamp.isoformat()}Z" if submission.timestamp else "",
        _late(course, assignment, submission),
        _yes(submission.needs_manual_grade),
    ]


def _late(course: Course, assignment: str, submission: Any) -> str:
    """Whether it was late: ``yes``, ``no``, or ``unknown`` if its time is not certain."""
    time = handed_in_at(course, assignment, submission.student.id)
    late = lateness(submission, None, time).is_late
    return "unknown" if late is None else _yes(late)


def _number(value: float) -> str:
    """At most four decimals, without trailing zeros: 3, 2.5, 0.3333."""
    return f"{round(value, 4):g}" if value < 100_000 else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
