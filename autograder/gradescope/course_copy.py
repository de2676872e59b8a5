"""The part of a course that one assignment is graded with, as files for another machine."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from autograder.config.settings import Settings
from autograder.course.layout import CONFIG_NAME, Course
from autograder.course.source import NotebookBundle, Stubs, load_assignment
from autograder.errors import UsageError
from autograder.lesson.shared_code import FOLDER

_REFERENCE = re.compile(r"^\s*(?:from|import)\s+solutions\.(\w+)", re.MULTILINE)
_ANSWERS = ("right.py", "wrong.py")  # for `autograder verify`; no verdict depends on them
_LEFT_OUT = ("__pycache__",)
Files = dict[str, bytes]  # path with slashes to content


def course_files(course: Course, assignment: str, submission_s: float) -> Files:
    """The files of a small course with this assignment only: no gradebook and no student.

    It holds the source with its checks and misconceptions, the shared code, the reference modules,
    the settings of grading, and a fresh secret. ``submission_s`` is the most seconds that a
    notebook may take there.

    Raises UsageError if there is no such assignment, or if a reference module that a test imports
    is not there.
    """
    bundles = load_assignment(course, assignment)
    files = {
        CONFIG_NAME: _config(course.settings, bundles[0].stubs, submission_s).encode(),
        ".autograder/secret": secrets.token_hex(32).encode(),
    }
    for folder in (course.source / assignment, course.source / FOLDER):
        for path in _files(folder):
            if path.suffix != ".ipynb" and path.name not in _ANSWERS:
                files[f"source/{_inside(course.source, path)}"] = path.read_bytes()
    files |= _references(course, assignment, bundles)
    return files


def _references(course: Course, assignment: str, bundles: list[NotebookBundle]) -> Files:
    """The reference modules of the assignment, and of others that its tests import."""
    texts = [cell.source for bundle in bundles for cell in (*bundle.tests, *bundle.tries)]
    wanted = {name for text in texts for name in _REFERENCE.findall(text)}
    found: Files = {}
    done: set[str] = set()
    start = course.solutions / "__init__.py"
    if start.is_file():
        found["solutions/__init__.py"] = start.read_bytes()
    waiting = sorted({assignment, *wanted})
    while waiting:
        name = waiting.pop()
        done.add(name)
        folder = course.solutions / name
        if name in wanted and not folder.is_dir():
            raise UsageError(
                f"{folder} is not there, and tests of {assignment} import from it: "
                f"`autograder release {name}` writes it"
            )
        for path in _files(folder):
            if path.suffix == ".ipynb":
                continue
            data = path.read_bytes()
            found[f"solutions/{_inside(course.solutions, path)}"] = data
            if path.suffix == ".py":
                others = set(_REFERENCE.findall(data.decode(errors="replace")))
                waiting += sorted(others - done - set(waiting))
    return found


def _config(settings: Settings, stubs: Stubs, submission_s: float) -> str:
    """The configuration: settings and stubs as plain values, without the course's code."""
    limited = replace(
        settings,
        sandbox="process",
        workers=1,
        submission_s=min(settings.submission_s, submission_s),
    )
    lines = [
        '"""The settings of grading, written by `autograder gradescope`."""',
        "",
        "c = get_config()  # noqa: F821",
        f"c.ClearSolutions.code_stub = {{'python': {stubs.code!r}}}",
        f"c.ClearSolutions.text_stub = {stubs.text!r}",
    ]
    for name, value in limited.changed():
        plain = list(value) if isinstance(value, tuple) else value
        lines.append(f"c.Autograder.{name} = {plain!r}")
    return "\n".join(lines) + "\n"


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder, in order; links are followed, hidden names are left out."""
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(
            name for name in folders if name not in _LEFT_OUT and not name.startswith(".")
        )
        for name in sorted(names):
            if not name.startswith(".") and (path := Path(place, name)).is_file():
                yield path


def _inside(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
