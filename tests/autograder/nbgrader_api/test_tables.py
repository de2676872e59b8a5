from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy

from autograder.nbgrader_api.database import database_url, prepare_database
from autograder.nbgrader_api.tables import create_own_tables


def test_own_tables_stand_beside_those_of_nbgrader_and_are_made_once(tmp_path: Path) -> None:
    url = database_url(tmp_path / "gradebook.db")
    prepare_database(url)
    engine = sqlalchemy.create_engine(url)
    for _ in range(2):
        with engine.begin() as connection:
            create_own_tables(connection)
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as file:
        names = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
    own = {"person", "extension", "excuse", "hand_in", "note"}
    assert {"student", *(f"autograder_{one}" for one in own)} <= names
