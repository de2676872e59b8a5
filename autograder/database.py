"""The file behind the gradebook: nbgrader's SQLite database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR


def database_url(path: Path) -> str:
    """SQLAlchemy's name of an SQLite file."""
    return f"sqlite:///{path.resolve()}"


def prepare_database(url: str) -> None:
    """Give an empty database nbgrader's tables; leave any other alone.

    nbgrader does the same when it opens one, but by running the program ``alembic``, which is
    slow, and not found when the course's virtual environment is not activated.
    """
    engine = sqlalchemy.create_engine(url)
    try:
        if sqlalchemy.inspect(engine).get_table_names():
            return
        version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            connection.execute(
                sqlalchemy.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            )
            connection.execute(
                sqlalchemy.text("INSERT INTO alembic_version VALUES (:version)"),
                {"version": version},
            )
    finally:
        engine.dispose()
