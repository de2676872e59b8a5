"""Backups of the gradebook: whole copies with the time in their names. Old copies are removed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from autograder.atomic_write import disk_error
from autograder.course.layout import Course
from autograder.nbgrader_api.database import LOCK_WAIT_S

KEPT = 20  # number of backups


def backups_folder(course: Course) -> Path:
    """The folder of the backups."""
    return course.state / "backups"


def back_up(course: Course) -> Path:
    """Copy the last committed state of the gradebook; returns the path of the copy.

    The caller holds the write lock of the gradebook, so no other process writes a backup at the
    same time. After the return, the copy survives a kill. An incomplete copy of a killed process
    is removed by the next call.

    Raises DiskError if the copy cannot be written.
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
