from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.exc import DatabaseError

from autograder.errors import GradebookError
from autograder.nbgrader_api.database import explained, sqlite_url, trouble

PATH = Path("gradebook.db")


def error_of(
    code: int, text: str = "some text", kind: type = sqlite3.OperationalError
) -> Exception:
    error: Exception = kind(text)
    error.sqlite_errorcode = code  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SQLITE_BUSY", "Close that program, then run the same command again"),
        ("SQLITE_BUSY_SNAPSHOT", "is locked"),
        ("SQLITE_BUSY_RECOVERY", "is locked"),
        ("SQLITE_LOCKED_SHAREDCACHE", "is locked"),
        ("SQLITE_PROTOCOL", "is locked"),
        ("SQLITE_FULL", "Make room, then run the same command again"),
        ("SQLITE_IOERR_WRITE", "the disk is full or failing (some text)"),
        ("SQLITE_CORRUPT_INDEX", "is damaged (some text)"),
        ("SQLITE_NOTADB", "is damaged (some text)"),
        ("SQLITE_READONLY", "Check who owns the file and its folder"),
        ("SQLITE_READONLY_DIRECTORY", "could not be opened for writing (some text)"),
        ("SQLITE_CANTOPEN_ISDIR", "could not be opened for writing (some text)"),
    ],
)
def test_the_code_of_an_error_decides_not_its_text(code: str, words: str) -> None:
    found = trouble(PATH, error_of(getattr(sqlite3, code)))
    assert isinstance(found, GradebookError)
    assert str(found).startswith("gradebook.db ")
    assert words in str(found)


@pytest.mark.parametrize(
    "error",
    [
        error_of(sqlite3.SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: disk is full", sqlite3.IntegrityError),
        error_of(sqlite3.SQLITE_ERROR, "no such table: is locked"),
        sqlite3.ProgrammingError("malformed"),
        ValueError("database is locked"),
    ],
    ids=str,
)  # fmt: skip
def test_other_errors_are_no_fault_of_the_file(error: Exception) -> None:
    assert trouble(PATH, error) is None
    with pytest.raises(type(error)), explained(PATH):
        raise error


def test_a_file_of_a_newer_format_is_damaged_for_this_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE grade (id TEXT)")
    connection.close()
    data = bytearray(path.read_bytes())
    data[44:48] = (99).to_bytes(4, "big")  # the number of the schema's format
    path.write_bytes(data)
    connection = sqlite3.connect(path)
    with pytest.raises(GradebookError, match="is damaged"), explained(path):
        connection.execute("SELECT * FROM grade")
    connection.close()


def test_the_error_is_found_behind_others(tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(sqlite_url(tmp_path / "no folder" / "gradebook.db"))
    with pytest.raises(GradebookError, match="could not be opened for writing"), explained(PATH):
        engine.connect()
    try:
        try:
            engine.connect()
        except DatabaseError as error:
            raise RuntimeError("of nbgrader") from error
    except RuntimeError as error:
        found = trouble(PATH, error)
    assert "could not be opened for writing" in str(found)
    engine.dispose()


def test_errors_that_cause_each_other_end() -> None:
    one, other = ValueError(), ValueError()
    one.__context__, other.__context__ = other, one
    assert trouble(PATH, one) is None
