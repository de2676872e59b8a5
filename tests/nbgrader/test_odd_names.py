"""nbgrader's commands in a course and for ids that would be patterns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course.layout import Course
from tests.courses.handed_in import hand_in
from tests.courses.tiny import FULL, NOTHING
from tests.nbgrader.commands import points, run

pytestmark = pytest.mark.slow

WAITING = {"why": None}
WRONG = {name: f"def {name}(*args):\n    return None" for name in ("add", "scale")}


@pytest.fixture
def course(released_root: Path, tmp_path: Path) -> Course:
    """Ids that match one another as patterns, in a folder that would be one."""
    root = tmp_path / "[a-z]* 2026?"
    shutil.copytree(released_root, root)
    course = Course.find(root)
    for student in ("[ab]", ".dot", "line\nbreak"):
        hand_in(course, student, {})
    for student in ("a", "*"):
        hand_in(course, student, WRONG)
    return course


def test_every_command_takes_ids_for_names(course: Course) -> None:
    run(course, "nbgrader", "autograde", "tiny", "--student", "[ab]")
    assert [path.name for path in course.autograded.iterdir()] == ["[ab]"]
    run(course, "nbgrader", "autograde", "tiny")
    for student in ("[ab]", ".dot", "line\nbreak"):
        assert points(course, student) == FULL | WAITING, student
    for student in ("a", "*"):
        assert points(course, student) == NOTHING | WAITING, student

    run(course, "nbgrader", "generate_feedback", "tiny", "--student", "[ab]")
    assert [path.name for path in course.feedback.iterdir()] == ["[ab]"]
    run(course, "nbgrader", "generate_feedback", "tiny", "--force")
    files = [path for path in course.feedback.rglob("*") if path.is_file()]
    assert sorted({path.suffix for path in files}) == [".html", ".txt"]
    assert len({path.relative_to(course.feedback).parts[0] for path in files}) == 5
    for path in files:
        assert "large numbers=dict" not in path.read_text()


def test_a_release_by_nbgrader_holds_no_solution(course: Course) -> None:
    shutil.rmtree(course.assignments)
    run(course, "nbgrader", "generate_assignment", "tiny", "--force")
    files = {path.name for path in course.assignments.rglob("*") if path.is_file()}
    assert files == {"01_tiny.ipynb"}
    assert "return a + b" not in (course.assignments / "tiny" / "01_tiny.ipynb").read_text()
