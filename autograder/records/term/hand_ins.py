"""The hand-ins that count, read from the gradebook: times, points and doubts by notebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.files.digests import files_digest
from autograder.files.hand_in_time import FILE
from autograder.lateness.policy import HandIn
from autograder.nbgrader_api.database import ORIGINS
from autograder.nbgrader_api.own_rows import FEW, aware, has_table, of_students, own_rows
from autograder.nbgrader_api.tables import HAND_INS

NO_FILES = files_digest(b"", {})  # the digest of files of a notebook that is missing
NO_TIME = f"It is not known when this was handed in: {FILE} is missing"

Place = tuple[str, str]
"""An assignment and one of its notebooks."""
Due = Callable[[str, str], datetime | None]
"""The due time of a student and assignment, extension included."""


@dataclass(frozen=True)
class HandIns:
    """One student's hand-ins of the term, by assignment and notebook.

    ``doubts`` holds a sentence for each hand-in of which the time does not tell whether it was
    late.
    """

    by_place: Mapping[Place, HandIn] = field(default_factory=dict)
    doubts: Mapping[Place, str] = field(default_factory=dict)


def read_hand_ins(
    session: Session, due: Due, students: Collection[str] | None = None
) -> dict[str, HandIns]:
    """The hand-ins of these students, or of all, by student.

    A notebook without a row of ours was recorded by an older version: the one time of its
    submission counts. Missing notebooks are left out. The number of queries does not depend on the
    number of students.
    """
    wanted = None if students is None else frozenset(students)
    submitted = _submitted_notebooks(session, wanted)
    few = None if wanted is None or len(wanted) > FEW else [row.id for row in submitted]
    told = {
        (row.student_id, row.assignment, row.notebook): row
        for row in own_rows(session, HAND_INS, wanted)
    }
    with_rows = {(student, assignment) for student, assignment, _ in told}
    missing = _missing(session, few)
    points, most = _points(session, few), _max_points(session)
    found: dict[str, HandIns] = {}
    for row in submitted:
        place = (row.assignment, row.notebook)
        own = told.get((row.student_id, *place))
        if own is None and ((row.student_id, row.assignment) in with_rows or row.id in missing):
            continue
        one = HandIn(
            student=row.student_id,
            assignment=row.assignment,
            notebook=row.notebook,
            handed_in_at=aware(_time(own, row.timestamp)),
            due_at=due(row.student_id, row.assignment),
            points=points.get(row.id, 0.0),
            max_points=most.get(row.notebook_id, 0.0),
            margin=timedelta(seconds=0.0 if own is None else own.margin_s),
        )
        hand_ins = found.setdefault(row.student_id, HandIns({}, {}))
        hand_ins.by_place[place] = one  # type: ignore[index] # ours until it is returned
        if one.late_by is None:
            doubt = (own.doubt if own is not None else "") or NO_TIME
            hand_ins.doubts[place] = doubt  # type: ignore[index]
    return found


def _time(own: Any, timestamp: datetime | None) -> datetime | None:
    """The time in a row of ours; the submission's time if there is neither time nor doubt."""
    is_silent = own is None or (own.handed_in_at is None and not own.doubt)
    return timestamp if is_silent else own.handed_in_at


def _submitted_notebooks(session: Session, wanted: frozenset[str] | None) -> list[Any]:
    query = (
        select(
            SubmittedNotebook.id,
            SubmittedNotebook.notebook_id,
            SubmittedAssignment.student_id,
            Assignment.name.label("assignment"),
            Notebook.name.label("notebook"),
            SubmittedAssignment.timestamp,
        )
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
    )
    rows = session.execute(of_students(query, SubmittedAssignment.student_id, wanted))
    return [row for row in rows if wanted is None or row.student_id in wanted]


def _points(session: Session, few: list[str] | None) -> dict[str, float]:
    """The points of submitted notebooks as nbgrader counts them: manual ones, extra credit.

    ``few`` are the ids of some submitted notebooks; None stands for all.
    """
    query = select(Grade.notebook_id, func.sum(Grade.score)).group_by(Grade.notebook_id)
    if few is not None:
        # The only index of nbgrader's table begins with the cell; without it, all rows are read.
        kinds = select(SubmittedNotebook.notebook_id).where(SubmittedNotebook.id.in_(few))
        cells = select(BaseCell.id).where(BaseCell.notebook_id.in_(kinds))
        query = query.where(Grade.cell_id.in_(cells), Grade.notebook_id.in_(few))
    return {notebook: float(points or 0.0) for notebook, points in session.execute(query)}


def _missing(session: Session, few: list[str] | None) -> set[str]:
    """The ids of submitted notebooks that were graded as missing."""
    if not has_table(session, ORIGINS):
        return set()
    query = select(ORIGINS.c.notebook_id).where(ORIGINS.c.handed_in == NO_FILES)
    if few is not None:
        query = query.where(ORIGINS.c.notebook_id.in_(few))
    return set(session.scalars(query))


def _max_points(session: Session) -> dict[str, float]:
    """The maximum of each notebook of the course, by its id."""
    found: dict[str, float] = {}
    for kind in (GradeCell, TaskCell):
        query = select(kind.notebook_id, func.sum(kind.max_score)).group_by(kind.notebook_id)
        for notebook, points in session.execute(query):
            found[notebook] = found.get(notebook, 0.0) + float(points or 0.0)
    return found
