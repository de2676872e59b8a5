"""The file behind the gradebook: nbgrader's SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from autograder.errors import GradebookError

# The origin of a submitted notebook's scores: digests of the files and of the course.
ORIGINS = Table(
    "autograder_origin",
    MetaData(),
    Column("notebook_id", String(32), primary_key=True),
    Column("handed_in", String(64), nullable=False),
    Column("source", String(64), nullable=False),
)

# Primary result codes of SQLite, see https://sqlite.org/rescode.html.
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_CLOSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_NEWER_FORMAT = "unsupported file format"  # the one such error without a code of its own

LOCK_WAIT_S = 15.0  # seconds to wait while another program writes the gradebook


def database_url(path: Path) -> str:
    """SQLAlchemy's URL of an SQLite file, with the time to wait for a lock."""
    return f"{sqlite_url(path.resolve())}?timeout={LOCK_WAIT_S:g}"


def sqlite_url(path: Path) -> str:
    """SQLAlchemy's URL of an SQLite file, with ``?`` and ``%`` in the path escaped."""
    plain = str(path)
    is_plain = plain.isprintable() and not {"?", "%"} & set(plain)
    return f"sqlite:///{plain if is_plain else quote(plain)}"


def prepare_database(url: str) -> None:
    """Create nbgrader's tables in an empty database, all at once; leave other databases alone.

    nbgrader does the same when it opens a database, but through the program ``alembic``. That
    program is slow, and is not found unless the course's virtual environment is active.
    """
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        if sqlalchemy.inspect(engine).get_table_names():
            return
        version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        with engine.connect() as connection:
            # Python's sqlite3 starts no transaction for CREATE TABLE by itself
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if sqlalchemy.inspect(connection).get_table_names():
                return  # another program was faster; closing the connection rolls back
            Base.metadata.create_all(connection)
            connection.exec_driver_sql(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
            )
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (version,))
            connection.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()


@contextmanager
def read_only(path: Path) -> Iterator[Session]:
    """A read-only session. A missing or empty file counts as a gradebook without rows."""
    is_there = path.is_file() and path.stat().st_size > 0
    place = f"file:{quote(str(path.resolve()))}?mode=ro" if is_there else ":memory:"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(place, timeout=LOCK_WAIT_S, uri=True)

    engine = sqlalchemy.create_engine("sqlite://", creator=connect)
    try:
        if not is_there:
            Base.metadata.create_all(engine)
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def check_database(path: Path) -> None:
    """Check that a gradebook can be read and written, without a change. A missing file is fine.

    Waits while another program writes. Raises GradebookError if that takes too long, or if the file
    is damaged or not a gradebook.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return
    with explained(path), closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")  # rolls back a killed program's write
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        connection.execute("ROLLBACK")
    if found != "ok":
        raise _damaged(path, found)
    if names and (missing := {"grade", "submitted_notebook"} - names):
        raise GradebookError(
            f"{path} is not a gradebook of nbgrader (it has no table {min(missing)}). Move it "
            "away; the same command then makes a new one."
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Within the block, errors of the database become GradebookErrors with advice."""
    try:
        yield
    except (sqlite3.DatabaseError, DatabaseError) as error:
        found = trouble(path, error)
        if found is None:
            raise
        raise found from error


def trouble(path: Path, error: BaseException) -> GradebookError | None:
    """The GradebookError for an error of SQLite, or for the first one among its causes.

    None if there is no such error, or if the file is not at fault.
    """
    cause = _sqlite_error(error)
    if cause is None:
        return None
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without its details
    if code in _LOCKED:
        return GradebookError(
            f"{path} is locked: another program has been writing to it for {LOCK_WAIT_S:g} s "
            "(formgrader, a second `autograder grade`, a database viewer?). No record is "
            "incomplete, and finished results are kept. Close that program, then run the same "
            "command again."
        )
    if code in _DISK:
        return GradebookError(
            f"{path} could not be written: the disk is full or failing ({cause}). No record is "
            "incomplete, and finished results are kept. Make room, then run the same command "
            "again."
        )
    if code in _DAMAGED or (code == sqlite3.SQLITE_ERROR and str(cause) == _NEWER_FORMAT):
        return _damaged(path, str(cause))
    if code in _CLOSED:
        return GradebookError(
            f"{path} could not be opened for writing ({cause}). Check who owns the file and its "
            "folder, and whether there is room on the disk."
        )
    return None


def _sqlite_error(error: BaseException | None) -> sqlite3.Error | None:
    """The error of SQLite behind an error, if there is one."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, sqlite3.Error):
            return error
        seen.append(error)
        error = error.__cause__ or error.__context__
    return None


def _damaged(path: Path, found: str) -> GradebookError:
    return GradebookError(
        f"{path} is damaged ({' '.join(found.split())}). The file is unchanged. Put a backup in "
        "its place, or move it away: the same command then makes a new gradebook with all "
        "automatic points, but without manual grades and comments."
    )
