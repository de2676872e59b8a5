"""Writes and removes notes of instructors in the gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, insert

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.nbgrader_api.tables import NOTES, create_own_tables
from autograder.records.gradebook import open_gradebook
from autograder.records.notes import Note, SentNote, sent_notes

MAX_TEXT = 10_000  # characters of a note


def checked_text(text: str) -> str:
    """The text of a note with plain line breaks. Raises UsageError if it is empty or too long."""
    plain = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
    if not plain.strip():
        raise UsageError("a note needs a text: --text TEXT")
    if len(plain) > MAX_TEXT:
        raise UsageError(f"a note holds at most {MAX_TEXT:,} characters; this one: {len(plain):,}")
    return plain.encode(errors="replace").decode()  # databases refuse lone surrogates


def write_notes(course: Course, notes: Sequence[Note]) -> SentNote:
    """Write the notes of one command in one transaction."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with open_gradebook(course) as gradebook:
        create_own_tables(gradebook.db.connection())
        rows = [
            {
                "student_id": note.student,
                "assignment": note.assignment,
                "notebook": note.notebook,
                "exercise": note.exercise,
                "diagnosis": note.diagnosis,
                "text": note.text,
                "written_at": now,
            }
            for note in notes
        ]
        gradebook.db.execute(insert(NOTES), rows)
        gradebook.db.commit()
    written = sent_notes(course, notes[0].assignment)
    return next(sent for sent in reversed(written) if sent.written_at == now)


def undo_note(course: Course, assignment: str, number: int) -> SentNote:
    """Remove a note from all of its students. Raises UsageError if there is no such note."""
    known = sent_notes(course, assignment)
    sent = next((one for one in known if one.number == number), None)
    if sent is None:
        numbers = ", ".join(str(one.number) for one in known) or "none"
        raise UsageError(f"{assignment} has no note {number}. Its notes: {numbers}")
    with open_gradebook(course) as gradebook:
        gradebook.db.execute(
            delete(NOTES).where(
                NOTES.c.assignment == assignment,
                NOTES.c.written_at == sent.written_at,
                NOTES.c.text == sent.note.text,
            )
        )
        gradebook.db.commit()
    return sent
