"""Databases of both kinds, made once and copied for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from classroom.storage.database import Database
from tests.classroom import postgres
from tests.classroom.world import World


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server, or a reason to skip."""
    if postgres.programs() is None:
        pytest.skip(postgres.ABSENT)
    with postgres.running() as server:
        url = server.new()
        Database(url).close()  # t1: migrated, the template of all others
        assert url == server.url("t1")
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "board.db"
    Database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "board.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database; a test that takes it runs on both kinds."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    server: postgres.Server = request.getfixturevalue("server")
    return server.new(template="t1")


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    database = Database(db_url)
    yield database
    database.close()


@pytest.fixture
def world(db: Database) -> World:
    """A server on a database of either kind."""
    return World(db)


@pytest.fixture
def small_world(sqlite_url: str) -> Iterator[World]:
    """A server on SQLite, where the kind of database makes no difference."""
    database = Database(sqlite_url)
    yield World(database)
    database.close()
