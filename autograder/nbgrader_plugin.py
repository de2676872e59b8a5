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
    "ShowFigures": "autograder.release.figures",
}
# Modules that change nbgrader; each has a function ``install``.
_CHANGES = (
    "autograder.nbgrader_api.paths",
    "autograder.nbgrader_api.copied_files",
    "autograder.records.nbgrader_hooks",
    "autograder.release.nbgrader_release",
)


def install() -> None:
    """Change nbgrader for this course; a second call changes nothing.

    nbgrader then uses ids and folders as names, even with ``* ? [ ]`` or a leading dot. Late
    penalties follow every manual grade and due date. ``alembic`` is found without PATH. Lessons are
    released as by ``autograder release``: made from their text, with their figures, and without
    private files, even if the configuration lets nbgrader copy them.
    """
    for home in _CHANGES:
        import_module(home).install()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
