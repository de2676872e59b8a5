"""The people, times and earlier points of a class, read from the gradebook with a few queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nbgrader.api import (
    Assignment,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.nbgrader_api.tables import PEOPLE
from autograder.records.hand_ins import HandIns, read_hand_ins
from autograder.records.times import Times, own_rows, read_times
from autograder.report.class_data import Late

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Person:
    """A person of the gradebook."""

    name: str = ""
    section: str = ""
    is_gone: bool = False


@dataclass(frozen=True)
class Rows:
    """The gradebook's part of a report on one assignment.

    ``points_off`` are the penalties by student. ``earlier`` is the assignment that was due last
    before this one, with ``shares`` of its points by student.
    """

    assignment: str
    people: Mapping[str, Person] = field(default_factory=dict)
    times: Times = field(default_factory=Times)
    hand_ins: Mapping[str, HandIns] = field(default_factory=dict)
    points_off: Mapping[str, float] = field(default_factory=dict)
    earlier: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)

    def handed_in(self, student: str) -> dict[str, datetime | None]:
        """The times of a student's notebooks that count."""
        own = self.hand_ins.get(student, HandIns()).by_place
        return {
            notebook: one.handed_in_at
            for (assignment, notebook), one in own.items()
            if assignment == self.assignment
        }

    def late(self, student: str) -> Late:
        """The lateness of a student in started days, by the latest notebook."""
        found = self.hand_ins.get(student, HandIns())
        doubts = [text for place, text in found.doubts.items() if place[0] == self.assignment]
        late_by = [
            one.late_by
            for (assignment, _), one in found.by_place.items()
            if assignment == self.assignment and one.late_by is not None
        ]
        return Late(
            days=max((-(-time // _DAY) for time in late_by), default=0),
            points_off=self.points_off.get(student, 0.0),
            doubt=doubts[0] if doubts else "",
        )


def read_rows(course: Course, assignment: str) -> Rows:
    """All rows; empty without a gradebook. Raises GradebookError if it cannot be read."""
    with explained(course.gradebook), read_only(course.gradebook) as session:
        times = read_times(session)
        hand_ins = read_hand_ins(session, times)
        earlier = _earlier(session, times, assignment)
        return Rows(
            assignment=assignment,
            people=_people(session),
            times=times,
            hand_ins=hand_ins,
            points_off=_points_off(session, assignment),
            earlier=earlier,
            shares=_shares(session, times, hand_ins, earlier) if earlier else {},
        )


def _people(session: Session) -> dict[str, Person]:
    roster = {row.student_id: row for row in own_rows(session, PEOPLE)}
    found = {}
    query = select(Student.id, Student.first_name, Student.last_name)
    for student, first, last in session.execute(query):
        row = roster.get(student)
        name = " ".join(part for part in (first, last) if part)
        is_gone = row is not None and row.gone_at is not None
        found[student] = Person(name, row.section if row else "", is_gone)
    return found


def _points_off(session: Session, assignment: str) -> dict[str, float]:
    rows = session.execute(
        select(SubmittedAssignment.student_id, func.sum(SubmittedNotebook.late_submission_penalty))
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
        .group_by(SubmittedAssignment.student_id)
    )
    return {student: float(off or 0.0) for student, off in rows}


def _earlier(session: Session, times: Times, assignment: str) -> str:
    """The assignment with submissions that was due last before this one; else empty."""
    due = times.due_dates.get(assignment)
    used = set(
        session.scalars(
            select(Assignment.name)
            .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
            .distinct()
        )
    )
    before = [
        (other, name)
        for name, other in times.due_dates.items()
        if due is not None and other is not None and other < due and name in used
    ]
    return max(before)[1] if before else ""


def _shares(
    session: Session, times: Times, hand_ins: Mapping[str, HandIns], assignment: str
) -> dict[str, float]:
    """Each student's share of an assignment's points; without excused students."""
    most = sum(
        float(
            session.scalar(
                select(func.sum(kind.max_score))
                .join(Notebook, Notebook.id == kind.notebook_id)
                .join(Assignment, Assignment.id == Notebook.assignment_id)
                .where(Assignment.name == assignment)
            )
            or 0.0
        )
        for kind in (GradeCell, TaskCell)
    )
    shares = {}
    for student, found in hand_ins.items():
        points = [one.points for place, one in found.by_place.items() if place[0] == assignment]
        if points and most and not times.is_excused(student, assignment):
            shares[student] = sum(points) / most
    return shares
