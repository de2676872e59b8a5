"""The numbers of the term, computed from its table without the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from tests.autograder.lateness.model import Bill, Moment, Paper, Sheet, bill
from tests.term.people import EXCUSED, MAX_POINTS, NOTEBOOKS, PEOPLE, ZONE, State

ALLOWANCE, PART = 3, Fraction(1, 4)


@dataclass(frozen=True)
class Grade:
    """One student's grade in an assignment; ``points`` are by notebook, before ``off``."""

    status: str
    points: dict[str, Fraction]
    off: Fraction
    total: Fraction | None
    days_late: int
    days_used: int


def bills(state: State) -> dict[str, Bill]:
    """The cost of late work by student."""
    return {
        one.id: bill({a: _sheet(state, one.id, a) for a in NOTEBOOKS}, ALLOWANCE, PART)
        for one in PEOPLE
    }


def grades(state: State) -> dict[tuple[str, str], Grade]:
    """The grade of every student in every assignment."""
    every = bills(state)
    return {
        (one.id, assignment): _grade(state, one.id, assignment, every[one.id])
        for one in PEOPLE
        for assignment in NOTEBOOKS
    }


def max_points(assignment: str) -> int:
    return sum(MAX_POINTS[name] for name in NOTEBOOKS[assignment])


def _grade(state: State, student: str, assignment: str, term: Bill) -> Grade:
    names = NOTEBOOKS[assignment]
    costs = [cost for (name, _), cost in term.costs.items() if name == assignment]
    off = sum((cost.off for cost in costs), Fraction(0))
    has_work = any((student, name) in state.works for name in names)
    points = {name: state.earned(student, name) for name in names} if has_work else {}
    total: Fraction | None = sum(points.values(), Fraction(0)) - off
    status = "graded" if has_work else "no hand-in"
    if (student, assignment) in EXCUSED:
        status, total = "excused", None
    days_late = max((cost.days for cost in costs), default=0)
    days_used = max((cost.free for cost in costs), default=0)
    return Grade(status, points, off, total, days_late, days_used)


def _sheet(state: State, student: str, assignment: str) -> Sheet:
    papers = {
        name: Paper(_moment(state.works[student, name].at), state.earned(student, name))
        for name in NOTEBOOKS[assignment]
        if (student, name) in state.works
    }
    due = _moment(state.due_of(student, assignment))
    return Sheet(due, papers, is_excused=(student, assignment) in EXCUSED)


def _moment(at: datetime) -> Moment:
    since = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return Moment.of(since, ZONE)


def statuses(found: dict[tuple[str, str], Grade], assignment: str) -> Counter[str]:
    """The number of students by status."""
    return Counter(grade.status for (_, name), grade in found.items() if name == assignment)
