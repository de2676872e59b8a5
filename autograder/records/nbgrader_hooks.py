"""What a course changes in nbgrader itself, for every command and formgrader.

``nbgrader_config.py`` calls ``install``; whoever reads that file then has it.
"""

from __future__ import annotations

import subprocess
import sys

import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader import dbutil

from autograder.records.late_penalties import follow_changes


def install() -> None:
    """Keep late penalties right, and find ``alembic`` where it is not on PATH. Can be repeated.

    nbgrader runs the program ``alembic`` when it makes or upgrades a gradebook, which fails for
    ``.venv/bin/nbgrader`` in a shell that has not activated the environment.
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
