"""The people, times and earlier points of a class, read from the gradebook with a few queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.nbgrader_api.tables import EXCUSES, PEOPLE
from autograder.report.class_data import Late


@dataclass(frozen=True)
class Person:
    """A person of the gradebook."""

    name: str = ""
    section: str = ""
    is_gone: bool = False


@dataclass(frozen=True)
class Submitted:
    """The times of a student's submission in the gradebook, aware, and its penalty."""

    handed_in_at: datetime | None
    due_at: datetime | None
    points_off: float


@dataclass(frozen=True)
class Rows:
    """The gradebook's part of a report. ``earlier`` are shares of points by student."""

    people: Mapping[str, Person] = field(default_factory=dict)
    submitted: Mapping[str, Submitted] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    due_at: datetime | None = None
    earlier_name: str = ""
    earlier: Mapping[str, float] = field(default_factory=dict)


def read_rows(course: Course, assignment: str) -> Rows:
    """All rows; empty without a gradebook. Raises GradebookError if it cannot be read."""
    with explained(course.gradebook), read_only(course.gradebook) as session:
        earlier = _earlier_name(session, assignment)
        return Rows(
            people=_people(session),
            submitted=_submitted(session, assignment),
            excused=frozenset(
                row.student_id
                for row in _own_rows(session, EXCUSES)
                if row.assignment == assignment
            ),
            due_at=_aware(
                session.scalar(select(Assignment.duedate).where(Assignment.name == assignment))
            ),
            earlier_name=earlier,
            earlier=_shares(session, earlier) if earlier else {},
        )


def late_of(row: Submitted | None, doubt: str) -> Late:
    """The lateness of a submission in started days."""
    if row is None or row.due_at is None:
        return Late(points_off=row.points_off if row else 0.0)
    if row.handed_in_at is None:
        return Late(points_off=row.points_off, doubt=doubt or "the time of hand-in is not known")
    over = row.handed_in_at - row.due_at
    days = max(0, -(-over // timedelta(days=1)))
    return Late(days=days, points_off=row.points_off, doubt=doubt)


def _people(session: Session) -> dict[str, Person]:
    roster = {row.student_id: row for row in _own_rows(session, PEOPLE)}
    found = {}
    query = select(Student.id, Student.first_name, Student.last_name)
    for student, first, last in session.execute(query):
        row = roster.get(student)
        name = " ".join(part for part in (first, last) if part)
        is_gone = row is not None and row.gone_at is not None
        found[student] = Person(name, row.section if row else "", is_gone)
    return found


def _submitted(session: Session, assignment: str) -> dict[str, Submitted]:
    penalties: dict[str, float] = {
        student: float(off or 0.0)
        for student, off in session.execute(
            select(
                SubmittedAssignment.student_id,
                func.sum(SubmittedNotebook.late_submission_penalty),
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == assignment)
            .group_by(SubmittedAssignment.student_id)
        )
    }
    rows = session.execute(
        select(
            SubmittedAssignment.student_id, SubmittedAssignment.timestamp,
            SubmittedAssignment.extension, Assignment.duedate,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )  # fmt: skip
    return {
        student: Submitted(
            _aware(time),
            None if due is None else _aware(due + (extension or timedelta(0))),
            penalties.get(student, 0.0),
        )
        for student, time, extension, due in rows
    }


def _earlier_name(session: Session, assignment: str) -> str:
    """The assignment that was due last before this one, with a submission; else empty."""
    due = session.scalar(select(Assignment.duedate).where(Assignment.name == assignment))
    if due is None:
        return ""
    found = session.scalar(
        select(Assignment.name)
        .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.duedate < due)
        .order_by(Assignment.duedate.desc(), Assignment.name)
        .limit(1)
    )
    return str(found or "")


def _shares(session: Session, assignment: str) -> dict[str, float]:
    """Each student's share of an assignment's points; without excused students."""
    excused = {
        row.student_id for row in _own_rows(session, EXCUSES) if row.assignment == assignment
    }
    most = session.scalar(
        select(func.sum(GradeCell.max_score))
        .join(Notebook, Notebook.id == GradeCell.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == assignment)
    )
    rows = session.execute(
        select(SubmittedAssignment.student_id, func.sum(Grade.score))
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    if not most:
        return {}
    return {
        student: float(points or 0.0) / float(most)
        for student, points in rows
        if student not in excused
    }


def _own_rows(session: Session, table: Table) -> list[sqlalchemy.Row[tuple[object, ...]]]:
    """All rows of one of our tables; none if the gradebook has no such table yet."""
    if not sqlalchemy.inspect(session.connection()).has_table(table.name):
        return []
    return list(session.execute(select(table)))


def _aware(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)  # nbgrader stores naive UTC
