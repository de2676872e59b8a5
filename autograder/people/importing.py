"""Imports a roster into the gradebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.files.student_folders import folders_in
from autograder.people.changes import RosterChanges, changes
from autograder.people.files.roster_file import RosterFile, read_roster
from autograder.people.roster import read_people, write_people


@dataclass(frozen=True)
class Imported:
    """A roster, and the changes that it made or would make.

    ``strangers`` are the folders in ``submitted/`` that belong to nobody in the gradebook.
    """

    roster: RosterFile
    changes: RosterChanges
    strangers: tuple[str, ...]


def import_roster(
    course: Course,
    session: Session,
    path: Path,
    *,
    id_column: str = "",
    add_only: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Bring the people of a gradebook up to date with a file, in one transaction.

    Raises UsageError as ``read_roster`` and ``changes``; then nothing is written.
    """
    roster = read_roster(path, id_column)
    known = read_people(session)
    found = changes(known, roster, datetime.now(UTC), add_only=add_only)
    if not dry_run:
        try:
            write_people(session, found.to_write)
            session.commit()
        except BaseException:
            session.rollback()
            raise
    return Imported(roster, found, strangers(course, {*known, *roster.people}))


def strangers(course: Course, students: Iterable[str]) -> tuple[str, ...]:
    """The folders in ``submitted/`` without a student among these."""
    known = set(students)
    return tuple(name for name in folders_in(course.submitted) if name not in known)
