"""The database: SQLite or PostgreSQL by URL, created and migrated on first use."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from classroom.errors import DatabaseUnusable

DEFAULT_URL = "sqlite:///leaderboard.db"
WRITES = "leaderboard_writes"
MIGRATION_LOCK = 5_017_401_585  # any number that other programs do not use


class Database:
    """Gives out sessions that read, and sessions that write.

    On SQLite, ``write`` takes the write lock first, so the data it reads cannot change before it
    commits. On PostgreSQL, the caller locks the rows that it depends on. When ``write`` returns,
    the commit is on the disk.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        self.url = _normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = self._connect()
        self._writing = self._engine.execution_options(**{WRITES: True})
        # A session reads one state of the database; SQLite does so by itself.
        self._reading = (
            self._engine
            if self.is_sqlite
            else self._engine.execution_options(isolation_level="REPEATABLE READ")
        )
        # Threads of one process queue here; SQLite itself would sleep and try again.
        self._turn: contextlib.AbstractContextManager[Any] = (
            threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        )
        try:
            with self._explained():
                self._migrate()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database."""
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session; commit all its changes if the block ends without an error."""
        with self._turn, Session(self._writing, expire_on_commit=False) as session:
            with session.begin():
                yield session

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _connect(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(
                self.url,
                pool_size=10,
                max_overflow=30,
                pool_pre_ping=True,
                isolation_level="READ COMMITTED",
            )
        self._create_file()
        engine = create_engine(
            self.url,
            pool_size=10,
            max_overflow=40,
            connect_args={"timeout": 30, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _create_file(self) -> None:
        """Create the file, readable only for its owner: it holds the labels."""
        path = Path(str(self.url.database))
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise DatabaseUnusable(
                f"the database {path} cannot be opened: {error.strerror or error}"
            ) from error

    def _migrate(self) -> None:
        scripts = Config()
        scripts.set_main_option("script_location", "classroom.storage:migrations")
        head = ScriptDirectory.from_config(scripts).get_current_head()
        with self._engine.connect() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head:
                return
        with self._writing.begin() as connection:  # one process migrates; the others wait
            if not self.is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            at = MigrationContext.configure(connection).get_current_revision()
            known = {
                script.revision for script in ScriptDirectory.from_config(scripts).walk_revisions()
            }
            if at is not None and at not in known:
                raise DatabaseUnusable(
                    f"the database is of a newer version of the leaderboard ({at}); update this one"
                )
            if at != head:
                scripts.attributes["connection"] = connection
                command.upgrade(scripts, "head")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            where = self.url.render_as_string(hide_password=True)
            raise DatabaseUnusable(f"the database {where} cannot be used: {said[0]}") from error


def _normal_url(url: str) -> URL:
    """Return the URL with our driver for this database. Raises DatabaseUnusable."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise DatabaseUnusable(
            f"{url!r} is not the URL of a database; for a file write sqlite:///leaderboard.db"
        ) from error
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseUnusable(f"{backend} is not known here: use sqlite:/// or postgresql://")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise DatabaseUnusable("SQLite needs a file: sqlite:///leaderboard.db")
    return parsed.set(drivername="sqlite+pysqlite")


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit is on the disk before we answer
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
