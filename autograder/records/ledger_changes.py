"""A change of due dates, extensions, excuses or points, and its difference in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.records.gradebook import open_gradebook
from autograder.records.term.late_penalties import refresh
from autograder.records.term.ledger import Term, read_terms
from autograder.records.term.times import Times, read_times


@dataclass(frozen=True)
class Standing:
    """The lateness of one student's assignment: started days, late days used, points taken off."""

    days_late: int = 0
    free_days: int = 0
    points_off: float = 0.0
    is_doubtful: bool = False


@dataclass(frozen=True)
class LedgerChange:
    """One student's assignment before and after a change."""

    student: str
    assignment: str
    before: Standing
    after: Standing


@dataclass(frozen=True)
class TimesChanged:
    """A change that was written: the times before and after it, and its effect on the ledger.

    ``days_left`` are the late days that each student of ``changes`` has left now.
    """

    before: Times
    after: Times
    changes: tuple[LedgerChange, ...]
    days_left: Mapping[str, int]


def read_ledger(course: Course, students: Collection[str] | None = None) -> dict[str, Term]:
    """The terms of these students or of all; {} without a gradebook. Writes nothing.

    Raises GradebookError if the gradebook cannot be read, UsageError if the policy cannot be used.
    """
    with explained(course.gradebook), read_only(course.gradebook) as session:
        return read_terms(session, course.config, students)


def times_of(course: Course) -> Times:
    """The due dates, extensions and excuses of a course; none without a gradebook.

    Raises GradebookError if the gradebook cannot be read.
    """
    with explained(course.gradebook), read_only(course.gradebook) as session:
        return read_times(session)


def differences(before: Mapping[str, Term], after: Mapping[str, Term]) -> tuple[LedgerChange, ...]:
    """The differences between two ledgers, by student, in the order of the assignments."""
    found = []
    for student in sorted({*before, *after}):
        old, new = before.get(student, Term(student)), after.get(student, Term(student))
        for assignment in dict.fromkeys([*new.assignments, *old.assignments]):
            one = LedgerChange(
                student, assignment, _standing(old, assignment), _standing(new, assignment)
            )
            if one.before != one.after:
                found.append(one)
    return tuple(found)


def change_times(
    course: Course,
    change: Callable[[Gradebook], object],
    students: Collection[str] | None = None,
) -> TimesChanged:
    """Write a change of times, extensions and penalties in one transaction.

    ``students`` are those whom the change concerns; None stands for all. Raises GradebookError if
    the gradebook cannot be written, UsageError if the policy cannot be used; nothing is written
    then.
    """
    with open_gradebook(course) as gradebook:
        db = gradebook.db
        config = course.config
        try:
            times, before = read_times(db), read_terms(db, config, students)
            change(gradebook)
            after = refresh(db, config, students)
            changes = differences(before, after)
            left = {one.student: after[one.student].days_left for one in changes}
            done = TimesChanged(times, read_times(db), changes, left)
            db.commit()
        except BaseException:
            db.rollback()
            raise
    return done


def _standing(term: Term, assignment: str) -> Standing:
    return Standing(
        term.days_late(assignment),
        term.free_days(assignment),
        round(term.off(assignment), 4),
        any(name == assignment for name, _ in term.doubts),
    )
