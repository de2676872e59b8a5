"""Backups of the gradebook: whole copies, named by the time, of which the newest are kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from autograder.atomic_write import disk_error
from autograder.course.layout import Course
from autograder.records.database import LOCK_WAIT_S

KEPT = 20  # backups; the oldest go


def backups_folder(course: Course) -> Path:
    """Where the backups of a course's gradebook lie."""
    return course.state / "backups"


def back_up(course: Course) -> Path:
    """Copy the gradebook as it was last committed, and return the path of the copy.

    The caller holds the gradebook's write lock, so that the copy is the state before its change,
    and so that no other process writes a backup. After this returns the copy survives a kill; a
    copy that a kill cut short is removed by the next call.

    Raises DiskError when the copy cannot be written.
    """
    folder = backups_folder(course)
    path = folder / f"gradebook-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.db"
    partial = path.with_name(f".{path.name}.partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".gradebook-*.partial*"):
            left.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(course.gradebook, timeout=LOCK_WAIT_S)) as source,
            closing(sqlite3.connect(partial)) as target,
        ):
            source.backup(target)
        partial.replace(path)
        for old in sorted(folder.glob("gradebook-*.db"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error, path) from error
    return path
