"""The names for a course's ``nbgrader_config.py``.

Every nbgrader command reads that file, so a class is imported on its first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "StandIn": "autograder.runs.stand_in",
    "FeedbackExporter": "autograder.pages.nbgrader_feedback",
    "GetVerdicts": "autograder.pages.nbgrader_feedback",
    "GradesExport": "autograder.records.nbgrader_export",
}


def install() -> None:
    """Change nbgrader for this course; a second call changes nothing.

    nbgrader then uses ids and folders as names, even with ``* ? [ ]`` or a leading dot. Late
    penalties follow every manual grade and due date. ``alembic`` is found without PATH.
    """
    import_module("autograder.nbgrader_api.paths").install()
    import_module("autograder.records.nbgrader_hooks").install()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
