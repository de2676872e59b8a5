"""The people, times and earlier points of a class, read from the gradebook with a few queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nbgrader.api import Assignment, GradeCell, Notebook, SubmittedAssignment, TaskCell
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.people.person import Person
from autograder.people.roster import read_people
from autograder.records.term.ledger import Term, read_terms
from autograder.records.term.times import Times, read_times
from autograder.report.class_data import Late

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rows:
    """The gradebook's part of a report on one assignment.

    ``earlier`` is the assignment that was due last before this one, with ``shares`` of its points
    by student.
    """

    assignment: str
    people: Mapping[str, Person] = field(default_factory=dict)
    times: Times = field(default_factory=Times)
    terms: Mapping[str, Term] = field(default_factory=dict)
    earlier: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)

    @property
    def late_days(self) -> int | None:
        """The late days of a term; None without such a policy."""
        return max((term.allowance for term in self.terms.values()), default=0) or None

    def handed_in(self, student: str) -> dict[str, datetime | None]:
        """The times of a student's notebooks that count."""
        own = self._term(student).hand_ins
        return {
            notebook: one.handed_in_at
            for (assignment, notebook), one in own.items()
            if assignment == self.assignment
        }

    def late(self, student: str) -> Late:
        """The lateness of a student in started days, by the latest notebook."""
        term = self._term(student)
        doubts = [text for place, text in term.doubts.items() if place[0] == self.assignment]
        late_by = [
            one.late_by
            for (assignment, _), one in term.hand_ins.items()
            if assignment == self.assignment and one.late_by is not None
        ]
        return Late(
            days=max((-(-time // _DAY) for time in late_by), default=0),
            free=term.free_days(self.assignment),
            points_off=term.off(self.assignment),
            days_left=term.days_left if term.allowance else None,
            doubt=doubts[0] if doubts else "",
        )

    def _term(self, student: str) -> Term:
        return self.terms.get(student, Term(student))


def read_rows(course: Course, assignment: str) -> Rows:
    """All rows; empty without a gradebook.

    Raises GradebookError if it cannot be read, UsageError if the policy for late work cannot.
    """
    with explained(course.gradebook), read_only(course.gradebook) as session:
        times = read_times(session)
        terms = read_terms(session, course.config)
        earlier = _earlier(session, times, assignment)
        return Rows(
            assignment=assignment,
            people=read_people(session),
            times=times,
            terms=terms,
            earlier=earlier,
            shares=_shares(session, terms, earlier) if earlier else {},
        )


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


def _shares(session: Session, terms: Mapping[str, Term], assignment: str) -> dict[str, float]:
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
    for student, term in terms.items():
        points = [one.points for place, one in term.hand_ins.items() if place[0] == assignment]
        if points and most and assignment not in term.excused:
            shares[student] = sum(points) / most
    return shares
