"""A course's changes to nbgrader itself, for every command and formgrader.

``nbgrader_config.py`` calls ``install``, so each process that reads that file has them.
"""

from __future__ import annotations

import subprocess
import sys

import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader import dbutil

from autograder.records.term.late_penalties import follow_changes


def install() -> None:
    """Keep late penalties right, and find ``alembic`` without PATH. A second call changes nothing.

    nbgrader runs the program ``alembic`` to create or upgrade a gradebook. This fails for
    ``.venv/bin/nbgrader`` in a shell without the environment.
    """
    nbgrader.api.get_alembic_version = _newest_version
    dbutil.upgrade = _upgrade
    follow_changes()


def _newest_version() -> str:
    return str(ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head())


def _upgrade(db_url: str, revision: str = "head") -> None:
    with dbutil._temp_alembic_ini(db_url.replace("%", "%%")) as settings:
        command = [sys.executable, "-m", "alembic", "-c", settings, "upgrade", revision]
        subprocess.check_call(command)
