"""Due dates, extensions and excuses in the gradebook.

Our tables are the master of extensions and excuses: they hold them before a hand-in too, with a
reason. nbgrader's column ``submission.extension`` is a copy that ``copy_extensions`` refreshes. An
extension that was granted through nbgrader, and has no row of ours, counts as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from autograder.nbgrader_api.own_rows import aware, has_table, naive, of_students, own_rows
from autograder.nbgrader_api.tables import EXCUSES, EXTENSIONS, create_own_tables


@dataclass(frozen=True)
class Extension:
    """More time for one student and assignment: a duration ``by``, or a fixed time ``until``.

    ``set_at`` is None for an extension that was granted through nbgrader. Times are aware.
    """

    by: timedelta | None = None
    until: datetime | None = None
    reason: str = ""
    set_at: datetime | None = None

    def due(self, due: datetime) -> datetime:
        """The due time of the student; a fixed time never takes time away."""
        if self.until is not None:
            return max(due, self.until)
        return due + (self.by or timedelta(0))


@dataclass(frozen=True)
class Excuse:
    """An assignment that does not count for a student."""

    reason: str = ""
    set_at: datetime | None = None


@dataclass(frozen=True)
class Times:
    """The due dates by assignment, and extensions and excuses by student and assignment.

    Times are aware. A due date is None if the gradebook knows the assignment without one.
    """

    due_dates: Mapping[str, datetime | None] = field(default_factory=dict)
    extensions: Mapping[tuple[str, str], Extension] = field(default_factory=dict)
    excuses: Mapping[tuple[str, str], Excuse] = field(default_factory=dict)

    def due(self, student: str, assignment: str) -> datetime | None:
        """The due time of a student, extension included; None without a due date."""
        due = self.due_dates.get(assignment)
        extension = self.extensions.get((student, assignment))
        return due if due is None or extension is None else extension.due(due)

    def is_excused(self, student: str, assignment: str) -> bool:
        """Whether the assignment does not count for the student."""
        return (student, assignment) in self.excuses


def read_times(session: Session, students: Collection[str] | None = None) -> Times:
    """The due dates, and the extensions and excuses of these students or of all."""
    granted = (
        select(SubmittedAssignment.student_id, Assignment.name, SubmittedAssignment.extension)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(SubmittedAssignment.extension.is_not(None))
    )
    granted = of_students(granted, SubmittedAssignment.student_id, students)
    extensions = {
        (student, assignment): Extension(by=by)
        for student, assignment, by in session.execute(granted)
        if by and (students is None or student in students)
    }
    for row in own_rows(session, EXTENSIONS, students):
        by = None if row.seconds is None else timedelta(seconds=row.seconds)
        extensions[row.student_id, row.assignment] = Extension(
            by, aware(row.until), row.reason, aware(row.set_at)
        )
    return Times(
        due_dates={
            name: aware(due)
            for name, due in session.execute(select(Assignment.name, Assignment.duedate))
        },
        extensions=extensions,
        excuses={
            (row.student_id, row.assignment): Excuse(row.reason, aware(row.set_at))
            for row in own_rows(session, EXCUSES, students)
        },
    )


def enter_names(gradebook: Gradebook, assignment: str, students: Iterable[str] = ()) -> None:
    """Add an assignment and students that the gradebook does not know yet; the caller commits."""
    session = gradebook.db
    if session.scalar(select(Assignment.id).where(Assignment.name == assignment)) is None:
        session.add(Assignment(name=assignment, course_id=gradebook.course_id))
    for student in students:
        if session.get(Student, student) is None:
            session.add(Student(id=student))
    session.flush()


def set_due(session: Session, assignment: str, due: datetime | None) -> None:
    """Set the due date (aware) of an assignment that the gradebook knows; the caller commits."""
    session.execute(
        update(Assignment).where(Assignment.name == assignment).values(duedate=naive(due))
    )


def set_extension(
    session: Session, student: str, assignment: str, extension: Extension | None
) -> None:
    """Replace a student's extension, or remove it with None; the caller commits.

    The student needs no submission. None also removes an extension granted through nbgrader.
    """
    if extension is None:
        _replace(session, EXTENSIONS, student, assignment, {})
        _set_column(session, student, assignment, None)
        return
    values = {
        "seconds": None if extension.by is None else round(extension.by.total_seconds()),
        "until": naive(extension.until),
        "reason": extension.reason,
        "set_at": naive(extension.set_at or datetime.now(UTC)),
    }
    _replace(session, EXTENSIONS, student, assignment, values)


def forget_extension(session: Session, student: str, assignment: str) -> None:
    """Remove our row of an extension, so that nbgrader's column counts; the caller commits."""
    if has_table(session, EXTENSIONS):
        row = {"student_id": student, "assignment": assignment}
        session.execute(delete(EXTENSIONS).filter_by(**row))


def set_excuse(session: Session, student: str, assignment: str, excuse: Excuse | None) -> None:
    """Excuse a student from an assignment, or no longer with None; the caller commits."""
    values: dict[str, object] = {}
    if excuse is not None:
        set_at = naive(excuse.set_at or datetime.now(UTC))
        values = {"reason": excuse.reason, "set_at": set_at}
    _replace(session, EXCUSES, student, assignment, values)


def copy_extensions(session: Session, times: Times) -> None:
    """Write the extensions of our table into nbgrader's column."""
    ours = {where: one for where, one in times.extensions.items() if one.set_at is not None}
    if not ours:
        return
    query = select(
        SubmittedAssignment.student_id, Assignment.name, SubmittedAssignment.extension
    ).join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    students = {student for student, _ in ours}
    rows = session.execute(of_students(query, SubmittedAssignment.student_id, students)).all()
    for student, assignment, column in rows:
        if (student, assignment) in ours:
            due = times.due_dates[assignment]
            # nbgrader fails on an extension of an assignment without a due date
            wanted = None if due is None else ours[student, assignment].due(due) - due
            if wanted != column:
                _set_column(session, student, assignment, wanted)


def _replace(
    session: Session,
    table: Table,
    student: str,
    assignment: str,
    values: Mapping[str, object],
) -> None:
    """Replace the row of a student and assignment; without ``values``, only remove it."""
    create_own_tables(session.connection())
    row = {"student_id": student, "assignment": assignment}
    session.execute(delete(table).filter_by(**row))
    if values:
        session.execute(insert(table).values(**row, **values))


def _set_column(
    session: Session, student: str, assignment: str, extension: timedelta | None
) -> None:
    wanted = select(Assignment.id).where(Assignment.name == assignment).scalar_subquery()
    session.execute(
        update(SubmittedAssignment)
        .where(
            SubmittedAssignment.student_id == student, SubmittedAssignment.assignment_id == wanted
        )
        .values(extension=extension)
        .execution_options(synchronize_session="fetch")
    )
