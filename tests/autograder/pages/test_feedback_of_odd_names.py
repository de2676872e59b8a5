"""Feedback for ids and in folders that would be patterns: everybody's own page and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.pages.feedback import write_feedback
from tests.autograder.conftest import CONFIG
from tests.courses.build import build_course
from tests.courses.sums import SUMS, record_result

IDS = ("[ab]", "a", "?", "*", ".dot", "line\nbreak", " blank ", "üñî")
PLACES = ("cnn [2026]", "a*b?c", ".hidden\nline")


@pytest.fixture(params=PLACES)
def odd_course(request: pytest.FixtureRequest, tmp_path: Path) -> Course:
    root = tmp_path / str(request.param)
    root.mkdir()
    course = build_course(root, CONFIG.read_text(), "demo", {"01_sums": SUMS})
    bundle = load_bundle(course.source / "demo" / "01_sums.py")
    for student in IDS:
        record_result(course, bundle, student, text=f"I am {student.encode().hex()}.")
    return course


def check_pages(course: Course) -> None:
    files = {path for path in course.feedback.rglob("*") if path.is_file()}
    names = ("01_sums.html", "index.html")
    assert files == {course.feedback / student / "demo" / name for student in IDS for name in names}
    for student in IDS:
        page = (course.feedback / student / "demo" / "01_sums.html").read_text()
        assert f"I am {student.encode().hex()}." in page
        assert "hidden_number" not in page and "HIDDEN" not in page


def test_everybody_gets_the_own_page_and_no_notebook(odd_course: Course) -> None:
    assert len(write_feedback(odd_course, "demo")) == len(IDS)
    check_pages(odd_course)


def test_one_student_is_one_student(odd_course: Course) -> None:
    for student in IDS:
        (page,) = write_feedback(odd_course, "demo", [student])
        assert page == odd_course.feedback / student / "demo" / "01_sums.html"


@pytest.mark.slow
def test_nbgraders_own_command_does_the_same(odd_course: Course) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "demo"]
    done = subprocess.run(
        command, cwd=odd_course.root, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    check_pages(odd_course)
