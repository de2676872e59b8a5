from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.grading.seeds import course_secret
from autograder.records.gradebook import give_due_date
from tests.courses.handed_in import hand_in
from tests.courses.tiny import CONFIG
from tests.nbgrader.commands import start

ALWAYS_EQUAL = """\
class Whatever:
    def __eq__(self, other):
        return True

    def equal(self, other):
        return True

    def __repr__(self):
        return "3"


def {name}(*args):
    return Whatever()
"""
NO_ASSERT = """\
import ast
import sys

from IPython import get_ipython


class NoAssert(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


get_ipython().ast_transformers.append(NoAssert())
sys.displayhook("ok")
print(2.0)


def {name}(*args):
    sys.displayhook(7.0)
"""
STUDENTS = {
    "ada": {},
    "bob": {"scale": "def scale(x, k):\n    return x + k"},
    "cleo": {"add": "import os\n\nos._exit(1)"},
    "dan": {"why": "YOUR ANSWER HERE"},
    "mallory": {name: ALWAYS_EQUAL.format(name=name) for name in ("add", "scale")},
    "mike": {name: NO_ASSERT.format(name=name) for name in ("add", "scale")},
}
LATE = "c.LateSubmissionPlugin.penalty_method = 'zero'\n"


@dataclass(frozen=True)
class Graded:
    """The same class, graded with one command each; the commands' output."""

    by_nbgrader: Course
    by_autograder: Course
    said_by_nbgrader: str


@pytest.fixture(scope="session")
def graded_class(released_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Right, wrong, crashing, cheating, late, renamed, zipped, broken and missing submissions."""
    folder = tmp_path_factory.mktemp("class")
    course = copy(Course.find(released_root), folder / "handed_in")
    (course.root / "nbgrader_config.py").write_text(CONFIG + LATE)
    course_secret(course)  # both runs draw the same random cases
    give_due_date(course, "tiny", datetime(2026, 2, 2, tzinfo=UTC))
    for student, answers in STUDENTS.items():
        hand_in(course, student, answers)
    hand_in(course, "lou", {}, "2026-02-02 01:00:00 UTC")
    hand_in(course, "rae", {}, name="Copy of 01_tiny (1).ipynb")
    hand_in(course, "zip", {})
    zipped = course.submitted / "zip" / "tiny"
    with zipfile.ZipFile(zipped / "handed_in.zip", "w") as archive:
        archive.write(zipped / "01_tiny.ipynb", "01_tiny.ipynb")
    (zipped / "01_tiny.ipynb").unlink()
    hand_in(course, "hal", {})
    (course.submitted / "hal" / "tiny" / "01_tiny.ipynb").write_text("{")
    (course.submitted / "ida" / "tiny").mkdir(parents=True)
    commands = {"nbgrader": "autograde", "autograder": "grade"}
    courses = {name: copy(course, folder / name / "course") for name in commands}
    processes = [start(courses[name], name, verb, "tiny") for name, verb in commands.items()]
    said = [process.communicate(timeout=300)[0] for process in processes]
    for process, text in zip(processes, said, strict=True):
        assert process.returncode == 0, text
    return Graded(courses["nbgrader"], courses["autograder"], said[0])


@pytest.fixture
def graded(graded_class: Graded, tmp_path: Path) -> Course:
    """A fresh copy of the class as nbgrader's command left it."""
    return copy(graded_class.by_nbgrader, tmp_path / "course")


def copy(course: Course, to: Path) -> Course:
    shutil.copytree(course.root, to)
    return Course.find(to)
