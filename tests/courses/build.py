"""Writes the folder of a small course."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.course.layout import Course

CONFIG = """\
from autograder.nbgrader_plugin import install

c = get_config()
install()
c.CourseDirectory.course_id = "{course_id}"
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "[0-9]*_*.py", "misconceptions", "__pycache__"]
c.ClearSolutions.code_stub = {{"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}}
"""


def config(course_id: str, lines: str = "") -> str:
    """The text of ``nbgrader_config.py``: the common part of all small courses, then ``lines``."""
    return CONFIG.format(course_id=course_id) + lines


def build_course(
    root: Path,
    config: str,
    assignment: str,
    notebooks: Mapping[str, str],
    banks: Mapping[str, str] | None = None,
) -> Course:
    """A course with one assignment.

    ``notebooks`` are texts in the percent format by name, ``banks`` texts of misconceptions by
    exercise.
    """
    source = root / "source" / assignment
    source.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(config)
    for name, text in notebooks.items():
        (source / f"{name}.py").write_text(text)
    for exercise, text in (banks or {}).items():
        bank = source / "misconceptions"
        bank.mkdir(exist_ok=True)
        (bank / f"{exercise}.toml").write_text(text)
    return Course.find(root)


def forget_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the reference modules that tests of another course have imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "solutions"]:
        monkeypatch.delitem(sys.modules, name)
