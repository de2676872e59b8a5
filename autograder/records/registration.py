"""Registration: the gradebook's cells follow an assignment's source, also in a running term.

nbgrader records cells while it releases an assignment, and refuses when there are submissions:
"Cannot add or remove cells". Here the cells that differ are added, removed and changed in one
transaction, and the rows of each submission with them:

- An added cell gets a grade or comment row in each submission, and waits to be graded.
- A removed cell takes its rows with it, and so what people entered for it.
- A cell that is worth other points keeps its manual points, extra credit and comments. Its manual
  grades wait for another look, because a person gave them under the old points.

A cell is known by its notebook and its name. A renamed cell or notebook is one that is removed and
one that is added. The gradebook is backed up before a change reaches the rows of a submission.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.course.nbgrader_config import course_config
from autograder.course.source import NotebookBundle
from autograder.records.backups import back_up
from autograder.records.cells import NotebookCells, cells_of, recorded_cells
from autograder.records.database import explained, read_only
from autograder.records.differences import Difference, Entered, What, differences
from autograder.records.late_penalties import LatePenalties
from autograder.records.rows import Rows


@dataclass(frozen=True)
class Registration:
    """What registering an assignment changes, or changed.

    ``submissions`` is their number in the gradebook; ``backup`` the copy made before the change.
    """

    assignment: str
    differences: tuple[Difference, ...] = ()
    submissions: int = 0
    backup: Path | None = None

    @property
    def reaches_submissions(self) -> bool:
        """Whether rows of submissions change."""
        return self.submissions > 0 and any(one.what is not What.TEXT for one in self.differences)

    @property
    def lost(self) -> tuple[Entered, ...]:
        """What people entered and what goes with the cells that it was entered for."""
        return tuple(entered for one in self.differences for entered in one.lost)


def register(
    course: Course, gradebook: Gradebook, bundles: Sequence[NotebookBundle]
) -> Registration:
    """Bring the gradebook in line with one assignment, given by all of its notebooks.

    An assignment that is registered already is read only. Everything else is one transaction: when
    it fails or is killed, the gradebook is as it was before.

    Raises SourceError when a cell has no place in a gradebook, DiskError when the backup cannot be
    written, and the errors of the database.
    """
    db: Session = gradebook.db
    assignment, wanted = _wanted(bundles)
    if recorded_cells(db, assignment) == wanted:
        return Registration(assignment)
    db.rollback()
    try:
        # take the lock before reading: nobody may enter a grade between the two
        db.connection().exec_driver_sql("BEGIN IMMEDIATE")
        found = differences(db, assignment, wanted)
        done = Registration(assignment, found, _submissions(db, assignment))
        if done.reaches_submissions:
            done = Registration(assignment, found, done.submissions, back_up(course))
        again = [(one.notebook, one.cell) for one in found if one.kept]
        Rows(db, assignment, gradebook.course_id).bring_in_line(wanted, again)
        db.expire_all()
        if done.reaches_submissions:
            penalties = LatePenalties(course_config(course))
            for submission in gradebook.find_assignment(assignment).submissions:
                penalties.refresh(submission)
        db.commit()
    except BaseException:
        db.rollback()
        raise
    return done


def planned_registration(course: Course, bundles: Sequence[NotebookBundle]) -> Registration:
    """What ``register`` would change. Writes nothing, and makes no gradebook.

    Raises SourceError as ``register`` does, GradebookError when the gradebook cannot be read.
    """
    assignment, wanted = _wanted(bundles)
    with explained(course.gradebook), read_only(course.gradebook) as db:
        found = differences(db, assignment, wanted)
        return Registration(assignment, found, _submissions(db, assignment))


def _wanted(bundles: Sequence[NotebookBundle]) -> tuple[str, Mapping[str, NotebookCells]]:
    """The assignment's name, and the cells that it should have, by notebook."""
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
