"""Notes of instructors to students: shown on their pages, never in the points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from autograder.course.layout import Course
from autograder.nbgrader_api.database import explained, read_only
from autograder.nbgrader_api.tables import NOTES


@dataclass(frozen=True)
class Note:
    """A note to one student.

    Without ``notebook`` it is about the whole assignment, without ``exercise`` about the whole
    notebook. ``diagnosis`` is the mistake that the students share, if the note is to all of them.
    ``number`` is 0 until the note is written.
    """

    student: str
    assignment: str
    text: str
    notebook: str = ""
    exercise: str = ""
    diagnosis: str = ""
    number: int = 0


@dataclass(frozen=True)
class SentNote:
    """A note as it was written: to one student or to several. ``number`` is for ``--undo``."""

    number: int
    note: Note
    students: tuple[str, ...]
    written_at: datetime


def sent_notes(course: Course, assignment: str) -> list[SentNote]:
    """The notes about an assignment in their order; the rows of one command are one note."""
    with explained(course.gradebook), read_only(course.gradebook) as session:
        rows = _rows(session, assignment)
    found = []
    for (written_at, _), group in groupby(rows, key=lambda row: (row[1], row[0].text)):
        notes = [note for note, _ in group]
        students = tuple(dict.fromkeys(note.student for note in notes))
        found.append(SentNote(notes[0].number, notes[0], students, written_at))
    return found


def read_notes(db_url: str, student: str, assignment: str) -> tuple[Note, ...]:
    """The notes to a student about an assignment, the oldest first."""
    engine = create_engine(db_url, poolclass=NullPool)
    with Session(engine) as session:
        return tuple(note for note, _ in _rows(session, assignment, student))


def notes_on(notes: Iterable[Note], notebook: str) -> tuple[Note, ...]:
    """The notes that the page of a notebook shows: its own, and those about the assignment."""
    return tuple(note for note in notes if note.notebook in ("", notebook))


def _rows(
    session: Session, assignment: str, student: str | None = None
) -> list[tuple[Note, datetime]]:
    if not inspect(session.connection()).has_table(NOTES.name):
        return []
    query = select(NOTES).where(NOTES.c.assignment == assignment).order_by(NOTES.c.id)
    if student is not None:
        query = query.where(NOTES.c.student_id == student)
    return [
        (
            Note(
                row.student_id, row.assignment, row.text, row.notebook, row.exercise, row.diagnosis,
                row.id,
            ),
            row.written_at,
        )
        for row in session.execute(query)
    ]  # fmt: skip
