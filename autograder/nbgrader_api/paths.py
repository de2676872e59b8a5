"""Make nbgrader use ids and folders as names, even with ``* ? [ ]`` or line breaks in them.

nbgrader joins ids and the course's folder to patterns for ``glob`` and ``re``. It finds no
submissions in a course in ``/home/me/cnn [2026]``. A student named ``[ab]`` got a copy of the
autograded notebook with the hidden tests among the feedback, because the rule that excludes
notebooks is such a pattern too. Ids that start with a dot are not found. Importing this module
replaces these functions. ``nbgrader_config.py`` imports it, so it holds for nbgrader's commands and
for formgrader.
"""
# Paths are texts in nbgrader.
# ruff: noqa: PTH112, PTH118, PTH119, PTH208

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import nbgrader.apps.api
import nbgrader.converters.base
import nbgrader.utils
from nbgrader.coursedir import CourseDirectory

from autograder.files.student_folders import is_student
from autograder.nbgrader_api.database import sqlite_url

_ANY = re.compile(r"(\(\?P<\w+>)?\.\*\)?")  # nbgrader uses only these expressions for ids


class CoursePath(str):
    """A path in a course that knows its starting folder and the names on the way."""

    root: str
    names: tuple[str, ...]

    def __new__(cls, root: str, names: Sequence[str]) -> CoursePath:
        path = super().__new__(cls, os.path.join(root, *names))
        path.root, path.names = root, tuple(names)
        return path


def glob(pattern: str) -> list[str]:
    """The paths that a pattern of nbgrader matches, in order.

    In a path of the course, each name is a name if such a file or folder exists, and else may be a
    pattern. In other paths, only the last name may be a pattern.
    """
    if not isinstance(pattern, CoursePath):
        folder, name = os.path.split(pattern)
        return _matches(folder, name, hidden=False)
    found = [pattern.root]
    for name in pattern.names:
        found = [path for folder in found for path in _matches(folder, name, hidden=True)]
    return found


def _matches(folder: str, name: str, hidden: bool) -> list[str]:
    if name in (".", "") or (name != "*" and os.path.lexists(os.path.join(folder, name))):
        return [os.path.join(folder, name)]
    if not os.path.isdir(folder):
        return []
    return [
        os.path.join(folder, other)
        for other in sorted(os.listdir(folder))
        if fnmatchcase(other, name)
        and (is_student(other) if hidden else other.startswith(".") <= name.startswith("."))
    ]


def format_path(
    self: CourseDirectory,
    nbgrader_step: str,
    student_id: str,
    assignment_id: str,
    escape: bool = False,
) -> str:
    """``CourseDirectory.format_path`` with names in place of patterns.

    With ``escape`` the result is an expression for ``re``, in which ``.*`` matches any one name.
    """
    ids = {
        "nbgrader_step": nbgrader_step,
        "student_id": student_id,
        "assignment_id": assignment_id,
    }
    steps = nbgrader.utils.full_split(self.directory_structure)
    if escape:
        ids = {name: _expression(text) for name, text in ids.items()}
        base = [] if steps and steps[0].startswith(os.sep) else [re.escape(self.root)]
        return re.escape(os.sep).join([*base, *(step.format(**ids) for step in steps)])
    return CoursePath(self.root, [step.format(**ids) for step in steps])


def _expression(text: str) -> str:
    return text.replace(".*", "[^/]*") if _ANY.fullmatch(text) else re.escape(text)


def is_ignored(filename: str, ignore_globs: list[str] | None = None) -> bool:
    """Whether the last name of a path matches one of the patterns."""
    name = os.path.basename(filename)
    return any(fnmatchcase(name, pattern) for pattern in ignore_globs or ())


def _db_url_default(self: CourseDirectory) -> str:
    return sqlite_url(Path(self.root).absolute() / "gradebook.db")


def install() -> None:
    """Replace nbgrader's functions; a second call changes nothing."""
    names: Any = _Glob()
    nbgrader.converters.base.glob = nbgrader.apps.api.glob = names
    nbgrader.utils.is_ignored = is_ignored
    CourseDirectory.format_path = format_path
    CourseDirectory._db_url_default = _db_url_default


class _Glob:
    """Replaces the module ``glob`` in nbgrader's modules."""

    glob = staticmethod(glob)


install()
