"""Registration: write an assignment's cells into the gradebook, also in a running term.

nbgrader records cells during a release, and refuses if submissions exist: "Cannot add or remove
cells". Registration adds, removes and changes the cells in one transaction, together with the rows
of each submission:

- An added cell gets a grade or comment row in each submission. The row waits to be graded.
- A removed cell loses its rows, with all manual entries.
- A cell with other points keeps its manual points, extra credit and comments. Its manual grades
  wait for another look, because a person gave them under the old points.

A cell is identified by its notebook and its name. A renamed cell or notebook counts as removed and
added. The gradebook is backed up before rows of submissions change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.nbgrader_api.database import check_database, explained, read_only
from autograder.registration.backups import back_up
from autograder.registration.cells import NotebookCells, cells_of, recorded_cells
from autograder.registration.differences import Difference, Effect, Entered, differences
from autograder.registration.rows import Rows


@dataclass(frozen=True)
class Registration:
    """The changes of a registration, made or planned.

    ``submissions`` is the number of submissions in the gradebook; ``backup`` is the copy that was
    made before the change, if any.
    """

    assignment: str
    differences: tuple[Difference, ...] = ()
    submissions: int = 0
    backup: Path | None = None

    @property
    def reaches_submissions(self) -> bool:
        """Whether rows of submissions change."""
        return self.submissions > 0 and any(
            one.effect is not Effect.TEXT for one in self.differences
        )

    @property
    def lost(self) -> tuple[Entered, ...]:
        """All manual entries that are deleted with their cells."""
        return tuple(entered for one in self.differences for entered in one.lost)


def register(
    course: Course,
    gradebook: Gradebook,
    bundles: Sequence[NotebookBundle],
    on_totals: Callable[[Session], object] = lambda db: None,
) -> Registration:
    """Register one assignment, given by all of its notebooks; returns the changes.

    If nothing differs, the gradebook is only read. All changes are one transaction: after a failure
    or a kill, the gradebook is unchanged. ``on_totals`` is called within it if the points of
    submissions may have changed.

    Raises SourceError if the gradebook cannot hold a cell, DiskError if the backup cannot be
    written, and the errors of the database.
    """
    db: Session = gradebook.db
    assignment, wanted = _wanted(bundles)
    if recorded_cells(db, assignment) == wanted:
        return Registration(assignment)
    db.rollback()
    try:
        # Lock before reading, so that no grade is entered between reading and writing.
        db.connection().exec_driver_sql("BEGIN IMMEDIATE")
        found = differences(db, assignment, wanted)
        done = Registration(assignment, found, _submissions(db, assignment))
        if done.reaches_submissions:
            done = Registration(assignment, found, done.submissions, back_up(course))
        again = [(one.notebook, one.cell) for one in found if one.kept]
        Rows(db, assignment, gradebook.course_id).bring_in_line(wanted, again)
        db.expire_all()
        if done.reaches_submissions:
            on_totals(db)
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return done


def planned_registration(course: Course, bundles: Sequence[NotebookBundle]) -> Registration:
    """The changes that ``register`` would make. Writes nothing and makes no gradebook.

    Raises SourceError if the gradebook cannot hold a cell, GradebookError if the gradebook cannot
    be read or is locked.
    """
    assignment, wanted = _wanted(bundles)
    check_database(course.gradebook)  # also rolls back the transaction of a killed program
    with explained(course.gradebook), read_only(course.gradebook) as db:
        found = differences(db, assignment, wanted)
        return Registration(assignment, found, _submissions(db, assignment))


def _wanted(bundles: Sequence[NotebookBundle]) -> tuple[str, Mapping[str, NotebookCells]]:
    """The assignment's name and its cells, by notebook."""
    (assignment,) = {bundle.assignment for bundle in bundles}
    return assignment, {bundle.name: cells_of(bundle) for bundle in bundles}


def _submissions(db: Session, assignment: str) -> int:
    query = (
        select(func.count())
        .select_from(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    return int(db.scalar(query) or 0)
