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


def check_configuration(course: Course, assignment: str) -> None:
    """Raise SourceError if ``nbgrader generate_assignment`` would copy a private file."""
    folder, default = course.source / assignment, CourseDirectory(root=str(course.root)).ignore
    ignored = [*course.config.CourseDirectory.get("ignore", default), "*.ipynb"]
    names = (path.relative_to(folder).parts for path in files_of(folder))
    copied = [parts for parts in names if is_private(parts) and not _is_ignored(parts, ignored)]
    if copied and not _calls_install(course.root / CONFIG_NAME):
        raise SourceError(
            f"{CONFIG_NAME} does not call install(), so `nbgrader generate_assignment "
            f"{assignment}` would release {Path(*copied[0])}. Add these two lines: `from "
            "autograder.nbgrader_plugin import install` and `install()`"
        )


def _calls_install(path: Path) -> bool:
    """Whether a configuration changes nbgrader: by a call, or by the import of an older name."""
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    imports = [ast.unparse(one) for one in nodes if isinstance(one, ast.Import | ast.ImportFrom)]
    calls = [ast.unparse(one.func) for one in nodes if isinstance(one, ast.Call)]
    is_called = any(name.rpartition(".")[2] == "install" for name in calls)
    ours = [line for line in imports if "autograder" in line]
    return any(is_called or "nbgrader_names" in line for line in ours)


def _is_ignored(parts: tuple[str, ...], patterns: list[str]) -> bool:
    return any(fnmatchcase(part, pattern) for part in parts for pattern in patterns)
