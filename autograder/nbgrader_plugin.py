"""All that a course's ``nbgrader_config.py`` names.

Every command of nbgrader's reads that file, so a class is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "StandIn": "autograder.runs.stand_in",
    "FeedbackExporter": "autograder.pages.exporter",
    "GetVerdicts": "autograder.pages.exporter",
    "GradesExport": "autograder.records.nbgrader_export",
}


def install() -> None:
    """Change nbgrader where a course needs it; a second call changes nothing.

    Ids and folders are names for nbgrader too, where they hold ``* ? [ ]`` or begin with a dot.
    Late penalties follow every manual grade and due date. ``alembic`` is found without PATH.
    """
    import_module("autograder.records.nbgrader_names").install()
    import_module("autograder.records.nbgrader_hooks").install()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
