"""The ledger of late work: from the gradebook to each student's term.

A term is computed from all counting notebooks of a student, so a change in one assignment may move
late days and points of another. The gradebook stores no term; nbgrader's penalty column is a copy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Student
from sqlalchemy import select
from sqlalchemy.orm import Session
from traitlets.config import Config

from autograder.lateness.choice import policy_of
from autograder.lateness.policy import Charge, HandIn, LatePolicy
from autograder.nbgrader_api.own_rows import of_students
from autograder.records.term.hand_ins import HandIns, Place, read_hand_ins
from autograder.records.term.times import Times, read_times


@dataclass(frozen=True)
class Term:
    """One student's term: hand-ins, late days, and the points that lateness costs.

    ``hand_ins``, ``charges``, ``points_off`` and ``doubts`` are by assignment and notebook. A
    notebook without a charge costs nothing. ``doubts`` holds a sentence for each hand-in of which
    the time does not tell whether it was late. An assignment in ``excused`` has hand-ins, and
    neither charges nor doubts; one in ``extended`` has an extension. ``due`` holds the due times of
    the student by assignment, extensions included; None means no due date.
    """

    student: str
    allowance: int = 0
    hand_ins: Mapping[Place, HandIn] = field(default_factory=dict)
    charges: Mapping[Place, Charge] = field(default_factory=dict)
    points_off: Mapping[Place, float] = field(default_factory=dict)
    doubts: Mapping[Place, str] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    extended: frozenset[str] = frozenset()
    due: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def assignments(self) -> list[str]:
        """The assignments with hand-ins, in the order in which they use late days."""
        return sorted({assignment for assignment, _ in self.hand_ins}, key=self._order)

    @property
    def days_used(self) -> dict[str, int]:
        """The late days that assignments use, in order; an assignment without use is left out."""
        used = {name: self.free_days(name) for name in self.assignments}
        return {name: days for name, days in used.items() if days}

    @property
    def days_left(self) -> int:
        """The late days that the student may still use."""
        return max(0, self.allowance - sum(self.days_used.values()))

    def days_late(self, assignment: str) -> int:
        """The started days by which the assignment's latest notebook is late."""
        return max((one.days_late for one in self._charges(assignment)), default=0)

    def free_days(self, assignment: str) -> int:
        """The late days that the assignment uses."""
        return max((one.free_days for one in self._charges(assignment)), default=0)

    def off(self, assignment: str = "") -> float:
        """The points taken off an assignment; without a name, off the whole term."""
        return sum(
            points for (name, _), points in self.points_off.items() if assignment in ("", name)
        )

    def _charges(self, assignment: str) -> list[Charge]:
        return [charge for (name, _), charge in self.charges.items() if name == assignment]

    def _order(self, assignment: str) -> tuple[bool, float, float, str]:
        """By latest hand-in, then due time, then name; unknown times come last."""
        own = [one for (name, _), one in self.hand_ins.items() if name == assignment]
        times = [one.handed_in_at.timestamp() for one in own if one.handed_in_at is not None]
        due = self.due.get(assignment)
        return (not times, max(times, default=0.0), due.timestamp() if due else 0.0, assignment)


def read_terms(
    session: Session, config: Config, students: Collection[str] | None = None
) -> dict[str, Term]:
    """The terms of these students, or of all in the gradebook, under the policy of the course.

    Without a policy nothing is charged. The number of queries does not depend on the number of
    students. Raises UsageError if the course's policy cannot be loaded.
    """
    wanted = None if students is None else frozenset(students)
    times = read_times(session, wanted)
    hand_ins = read_hand_ins(session, times.due, wanted)
    ledger = Ledger(times, policy_of(config))
    known = session.scalars(of_students(select(Student.id), Student.id, wanted))
    return {
        student: ledger.term(student, hand_ins.get(student, HandIns()))
        for student in known
        if wanted is None or student in wanted
    }


class Ledger:
    """Charges hand-ins under a policy; None charges nothing."""

    def __init__(self, times: Times, policy: LatePolicy | None) -> None:
        self._times = times
        self._policy = policy
        self._excused = _by_student(times.excuses)
        self._extended = _by_student(times.extensions)

    def term(self, student: str, hand_ins: HandIns) -> Term:
        """The term of one student with these hand-ins."""
        excused = frozenset(self._excused.get(student, ()))
        counting = {
            place: one for place, one in hand_ins.by_place.items() if place[0] not in excused
        }
        charges = self._charges(counting)
        return Term(
            student=student,
            allowance=self._policy.allowance if self._policy is not None else 0,
            hand_ins=hand_ins.by_place,
            charges=charges,
            points_off={place: _off(counting[place], charge) for place, charge in charges.items()},
            doubts={p: doubt for p, doubt in hand_ins.doubts.items() if p in counting},
            excused=excused,
            extended=frozenset(self._extended.get(student, ())),
            due={name: self._times.due(student, name) for name in self._times.due_dates},
        )

    def _charges(self, counting: Mapping[Place, HandIn]) -> dict[Place, Charge]:
        if self._policy is None or not counting:
            return {}
        charges = self._policy.charges(list(counting.values()))
        return {place: charge for place, charge in charges.items() if place in counting}


def _by_student(places: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Assignments by student."""
    found: dict[str, set[str]] = {}
    for student, assignment in places:
        found.setdefault(student, set()).add(assignment)
    return found


def _off(hand_in: HandIn, charge: Charge) -> float:
    """The points that a charge takes off: at most the earned points, and never below 0."""
    return min(max(0.0, charge.fraction), 1.0) * max(0.0, hand_in.points)
