"""Makes nbgrader take ids and folders for names, also where they hold ``* ? [ ]`` or line breaks.

nbgrader joins ids and the course's folder to patterns for ``glob`` and ``re``. A course in
``/home/me/cnn [2026]`` has no submissions for it; a student named ``[ab]`` got a copy of the
autograded notebook, hidden tests included, among the feedback, because the rule that leaves
notebooks out is such a pattern too; and ids that begin with a dot are not found. Importing this
module replaces the functions in question. ``nbgrader_config.py`` imports it, so it holds for all of
nbgrader's commands and for formgrader.
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

from autograder.records.database import sqlite_url
from autograder.submission.student_folders import is_student

_ANY = re.compile(r"(\(\?P<\w+>)?\.\*\)?")  # the only expressions that nbgrader gives for ids


class CoursePath(str):
    """A path in a course that remembers the folder it starts from and the names on the way."""

    root: str
    names: tuple[str, ...]

    def __new__(cls, root: str, names: Sequence[str]) -> CoursePath:
        path = super().__new__(cls, os.path.join(root, *names))
        path.root, path.names = root, tuple(names)
        return path


def glob(pattern: str) -> list[str]:
    """The paths that a pattern of nbgrader's stands for, in order.

    In a path of the course each name stands for itself where there is a file or folder of that
    name, and may be a pattern where there is none. Of any other path only the last name may.
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
    """``CourseDirectory.format_path`` with names that are no patterns.

    With ``escape`` it is an expression for ``re``, in which ``.*`` stands for any one name.
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
    """Replace nbgrader's functions; a second time changes nothing."""
    names: Any = _Glob()
    nbgrader.converters.base.glob = nbgrader.apps.api.glob = names
    nbgrader.utils.is_ignored = is_ignored
    CourseDirectory.format_path = format_path
    CourseDirectory._db_url_default = _db_url_default


class _Glob:
    """Stands in for the module ``glob`` in nbgrader's modules."""

    glob = staticmethod(glob)


install()
