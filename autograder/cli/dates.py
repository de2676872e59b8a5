"""``autograder due``, ``extend``, ``excuse`` and ``late``: due dates, extensions, excuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli import consoles
from autograder.cli.display import dates as display
from autograder.cli.display.ledger import ledger
from autograder.cli.options import CourseDir
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.interrupts import ctrl_c_waits

if TYPE_CHECKING:  # loads nbgrader, for which `autograder --help` need not wait
    from nbgrader.api import Gradebook
    from sqlalchemy.orm import Session

    from autograder.records.ledger_changes import TimesChanged

StudentIds = Annotated[list[str], typer.Argument(help="Ids of students.")]
Reason = Annotated[str, typer.Option(help="The reason, for instructors only.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]

ONE_OF_TWO = "say how long: --by 2d, or until when: --until '2026-10-03 23:59'"


def due(
    assignment: str,
    time: Annotated[
        str, typer.Argument(help="When it is due, such as '2026-10-01 23:59'; empty: show.")
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Remove the due date.")] = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Set when an assignment is due; without a time, show its due date, extensions and excuses.

    A time without a zone is in the course's zone, c.Autograder.time_zone.
    """
    with ctrl_c_waits():
        from autograder.people.roster import people_of
        from autograder.records.ledger_changes import change_times, times_of
        from autograder.records.named_students import check_assignment
        from autograder.records.term.times import enter_names, set_due
        from autograder.records.typed_times import read_typed_time, zone_named

    here = Course.find(course)
    zone = zone_named(here.settings.time_zone)
    check_assignment(here, assignment)
    if time and undo:
        raise UsageError("give a time or --undo, not both")
    when = read_typed_time(time, zone) if time else None
    if when is None and not undo:
        display.times(consoles.console, assignment, times_of(here), people_of(here), zone)
        return

    def change(gradebook: Gradebook) -> None:
        enter_names(gradebook, assignment)
        set_due(gradebook.db, assignment, when)

    done = change_times(here, change)
    display.due_changed(consoles.console, assignment, done, zone)
    display.differences(consoles.console, assignment, done, people_of(here))


def extend(
    assignment: str,
    students: StudentIds,
    by: Annotated[str, typer.Option(help="How long after the due date: 2d, 36h, 90m.")] = "",
    until: Annotated[str, typer.Option(help="Until when, such as '2026-10-03 23:59'.")] = "",
    reason: Reason = "",
    undo: Undo = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Give students more time, before their hand-in too; a new extension replaces the old one.

    An extension by a duration moves with the due date. Late days count from the extended time.
    """
    with ctrl_c_waits():
        from autograder.people.roster import people_of
        from autograder.records.term.times import Extension, set_extension
        from autograder.records.typed_times import read_duration, read_typed_time, zone_named

    here = Course.find(course)
    if undo == bool(by or until) or (by and until):
        raise UsageError("give --undo alone" if undo else ONE_OF_TWO)
    zone = zone_named(here.settings.time_zone)
    extension = None
    if by:
        extension = Extension(by=read_duration(by), reason=reason)
    elif until:
        extension = Extension(until=read_typed_time(until, zone), reason=reason)
    done = _give(
        here,
        assignment,
        students,
        lambda db, student: set_extension(db, student, assignment, extension),
    )
    display.extended(consoles.console, assignment, students, done, people_of(here), zone)
    display.differences(consoles.console, assignment, done, people_of(here))


def excuse(
    assignment: str,
    students: StudentIds,
    reason: Reason = "",
    undo: Undo = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Excuse students from an assignment: it leaves their totals, and uses no late days."""
    with ctrl_c_waits():
        from autograder.people.roster import people_of
        from autograder.records.term.times import Excuse, set_excuse

    here = Course.find(course)
    given = None if undo else Excuse(reason)
    done = _give(
        here, assignment, students, lambda db, student: set_excuse(db, student, assignment, given)
    )
    display.excused(consoles.console, assignment, students, done, people_of(here))
    display.differences(consoles.console, assignment, done, people_of(here))


def late(
    assignment: Annotated[str, typer.Argument(help="Only this one; empty: the term.")] = "",
    student: Annotated[
        list[str] | None, typer.Option(help="Only this student (repeat for several).")
    ] = None,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Show late hand-ins: late days used and left, points taken off, and times that are not clear.

    The assignments of a student stand in the order in which they use late days.
    """
    with ctrl_c_waits():
        from autograder.lateness.choice import policy_of
        from autograder.people.roster import people_of
        from autograder.records.ledger_changes import read_ledger
        from autograder.records.named_students import check_assignment, check_students

    here = Course.find(course)
    if assignment:
        check_assignment(here, assignment)
    check_students(here, student or ())
    terms = read_ledger(here, student)
    ledger(
        consoles.console,
        terms,
        people_of(here),
        assignment,
        everything=bool(student),
        has_policy=policy_of(here.config) is not None,
    )


def _give(
    course: Course,
    assignment: str,
    students: list[str],
    give: Callable[[Session, str], None],
) -> TimesChanged:
    """Give each of these students something, all or nothing; the answer tells the difference."""
    from autograder.records.ledger_changes import change_times
    from autograder.records.named_students import check_assignment, check_students
    from autograder.records.term.times import enter_names

    check_assignment(course, assignment)
    check_students(course, students)

    def change(gradebook: Gradebook) -> None:
        enter_names(gradebook, assignment, students)
        for student in dict.fromkeys(students):
            give(gradebook.db, student)

    return change_times(course, change, students)
