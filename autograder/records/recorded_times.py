"""The times of hand-in of a student's notebooks, written into the gradebook."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from autograder.files.hand_in_time import HandInTime
from autograder.nbgrader_api.tables import HAND_INS


def recorded_times(session: Session, student: str, assignment: str) -> dict[str, HandInTime]:
    """The recorded times of a student's notebooks."""
    query = select(HAND_INS).filter_by(student_id=student, assignment=assignment)
    return {
        row.notebook: HandInTime(row.handed_in_at, row.doubt, timedelta(seconds=row.margin_s))
        for row in session.execute(query)
    }


def write_times(
    session: Session,
    student: str,
    assignment: str,
    times: Mapping[str, HandInTime],
    missing: Collection[str] = (),
) -> None:
    """Replace the times of these notebooks, and remove the times of missing notebooks."""
    own = {"student_id": student, "assignment": assignment}
    session.execute(
        delete(HAND_INS).filter_by(**own).where(HAND_INS.c.notebook.in_([*times, *missing]))
    )
    rows = [
        {
            **own,
            "notebook": notebook,
            "handed_in_at": time.when,
            "margin_s": time.margin.total_seconds(),
            "doubt": time.doubt,
        }
        for notebook, time in times.items()
    ]
    if rows:
        session.execute(insert(HAND_INS), rows)


def of_same_file(old: HandInTime | None, new: HandInTime) -> HandInTime:
    """The time of a notebook whose file did not change: it is as old as its first hand-in.

    A new time replaces it if it is earlier, or if the old one was unknown or less exact.
    """
    if old is None or old.when is None or old.margin > new.margin:
        return old if old is not None and new.when is None and not new.doubt else new
    return new if new.when is not None and new.when < old.when else old
