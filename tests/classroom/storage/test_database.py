"""The database comes into being by itself, once, and says in words when it cannot."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from classroom import clock
from classroom.errors import DatabaseUnusable
from classroom.storage import audit
from classroom.storage.database import Database
from classroom.storage.tables import Base
from tests.classroom import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
    else:
        server: postgres.Server = request.getfixturevalue("server")
        yield server.new()


def test_the_migrations_make_the_tables_of_the_code(empty_url: str) -> None:
    db = Database(empty_url)
    with db.read() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []
    db.close()


def test_many_that_start_at_once_migrate_once(empty_url: str) -> None:
    start = threading.Barrier(6)

    def open_it(_: int) -> None:
        start.wait()
        Database(empty_url).close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(open_it, range(6)))
    db = Database(empty_url)
    with db.read() as session:
        versions = session.execute(text("SELECT version_num FROM alembic_version")).all()
    assert [tuple(version) for version in versions] == [("0001",)]
    db.close()


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    db = Database(empty_url)
    with db.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    with pytest.raises(DatabaseUnusable, match=r"of a newer version of the leaderboard \(9999\)"):
        Database(empty_url)


def test_sqlite_is_durable_private_and_lets_readers_read(tmp_path: Path) -> None:
    path = tmp_path / "board.db"
    db = Database(f"sqlite:///{path}")
    with db.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        with db.write() as other:
            other.execute(text("DELETE FROM audit"))
        assert session.execute(text("SELECT count(*) FROM audit")).scalar() == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    db.close()


def test_what_fails_half_way_leaves_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as session:
        session.execute(text("DELETE FROM alembic_version"))
        1 / 0
    with db.read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("board.db", "is not the URL of a database; for a file write sqlite:///leaderboard.db"),
        ("", "is not the URL of a database"),
        ("mysql://localhost/x", "mysql is not known here: use sqlite:/// or postgresql://"),
        ("nonsense://x", "use sqlite:/// or postgresql://|is not the URL"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened: No such file or directory"),
        ("postgresql://x:hush@127.0.0.1:1/z", "cannot be used: .*[Cc]onnection"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_line(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnusable, match=words) as caught:
        Database(url)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes, not a database, and many of them\n" * 50)
    with pytest.raises(DatabaseUnusable, match="file is not a database"):
        Database(f"sqlite:///{tmp_path / 'notes.db'}")


def test_a_session_that_reads_sees_one_state(db: Database) -> None:
    count = text("SELECT count(*) FROM audit")
    with db.read() as session:
        before = session.execute(count).scalar()
        with db.write() as other:
            audit.record(other, clock.now(), "test", "something", "nothing")
        assert session.execute(count).scalar() == before
    with db.read() as session:
        assert session.execute(count).scalar() == 1
