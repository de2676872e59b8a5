"""Points and comments that a person gives to the answers to one question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.records.gradebook import open_gradebook
from autograder.records.term.late_penalties import follow_changes


@dataclass(frozen=True)
class ManualGrade:
    """The grade of one answer; ``points`` are a person's, None if there are none.

    ``waits``: a person has to look at it. ``auto_points`` are the automatic points, None if only a
    person decides; an answer that was not written has 0.
    """

    student: str
    points: float | None
    comment: str
    waits: bool
    auto_points: float | None
    extra_points: float = 0.0

    @property
    def version(self) -> str:
        """Text that changes with the points or the comment."""
        return json.dumps([self.points, self.comment])

    @property
    def is_empty(self) -> bool:
        """Whether there was no answer, and nobody graded it."""
        return self.auto_points is not None and self.points is None and not self.waits


def manual_grades(
    course: Course, assignment: str, notebook: str, cell: str
) -> dict[str, ManualGrade]:
    """The grades of all answers to a question, by student.

    Raises GradebookError if the gradebook cannot be read.
    """
    with explained(course.gradebook), read_only(course.gradebook) as session:
        rows = session.execute(_rows(assignment, notebook, cell))
        return {
            grade.student_id: ManualGrade(
                grade.student_id,
                grade.manual_score,
                grade.manual_comment or "",
                bool(grade.needs_manual_grade),
                grade.auto_score,
                float(grade.extra_credit or 0.0),
            )
            for grade in rows
        }


def save_manual_grade(
    course: Course,
    where: tuple[str, str, str],
    student: str,
    points: float | None,
    comment: str,
) -> ManualGrade:
    """Save points and comment as formgrader does, and return the grade before that.

    ``where`` is assignment, notebook and cell. Without points, the answer waits for a person again,
    unless it has automatic points. Late penalties follow. Raises KeyError if the answer is gone.
    """
    follow_changes()
    assignment, notebook, cell = where
    with open_gradebook(course) as gradebook:
        before = manual_grades(course, assignment, notebook, cell)[student]
        grade = gradebook.find_grade(cell, notebook, assignment, student)
        grade.manual_score = points
        grade.needs_manual_grade = points is None and grade.auto_score is None
        if comment != before.comment:
            entry = gradebook.find_comment(cell, notebook, assignment, student)
            entry.manual_comment = comment or None
        gradebook.db.commit()
    return before


def _rows(assignment: str, notebook: str, cell: str) -> Select[Any]:
    answer = aliased(BaseCell)  # one cell has two rows: as a graded cell, and as an answer
    return (
        select(
            SubmittedAssignment.student_id,
            Grade.manual_score,
            Grade.auto_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
            Comment.manual_comment,
        )
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .outerjoin(
            answer,
            and_(
                answer.notebook_id == BaseCell.notebook_id,
                answer.name == BaseCell.name,
                answer.type == "SolutionCell",
            ),
        )
        .outerjoin(
            Comment, and_(Comment.notebook_id == Grade.notebook_id, Comment.cell_id == answer.id)
        )
        .where(Assignment.name == assignment, Notebook.name == notebook, BaseCell.name == cell)
        .order_by(SubmittedAssignment.student_id)
    )
