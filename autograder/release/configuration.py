"""Refuses a configuration with which nbgrader's own commands would release private files.

The functions of nbgrader are changed by the import of a module in ``nbgrader_config.py``. A
configuration without it, of an early version, has only its list ``c.CourseDirectory.ignore``.
"""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.course.layout import CONFIG_NAME, Course
from autograder.errors import SourceError
from autograder.nbgrader_api.public_files import files_of, is_private

_PLUGINS = ("nbgrader_plugin", "nbgrader_hooks", "nbgrader_names")


def check_configuration(course: Course, assignment: str) -> None:
    """Raise SourceError if ``nbgrader generate_assignment`` would copy a private file."""
    folder = course.source / assignment
    if _calls_install(course.root / CONFIG_NAME):
        return
    default = CourseDirectory(root=str(course.root)).ignore
    ignored = [*course.config.CourseDirectory.get("ignore", default), "*.ipynb"]
    for path in files_of(folder):
        parts = path.relative_to(folder).parts
        if is_private(parts) and not _is_ignored(parts, ignored):
            raise SourceError(
                f"{CONFIG_NAME} does not call install(), so `nbgrader generate_assignment "
                f"{assignment}` would release {Path(*parts)}. Add these two lines: `from "
                "autograder.nbgrader_plugin import install` and `install()`"
            )


def _calls_install(path: Path) -> bool:
    """Whether a configuration imports a module that changes nbgrader."""
    names = {f"autograder.{name}" for name in _PLUGINS}
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import) and not names.isdisjoint(one.name for one in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (
            node.module in names
            or (node.module == "autograder" and any(one.name in _PLUGINS for one in node.names))
        ):
            return True
    return False


def _is_ignored(parts: tuple[str, ...], patterns: list[str]) -> bool:
    return any(fnmatchcase(part, pattern) for part in parts for pattern in patterns)
