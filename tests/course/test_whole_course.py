"""The course as a whole: its graders graded, and its points beside stock nbgrader's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.bundle import NotebookBundle
from autograder.course import Course
from autograder.verify import verify

HONEST = ("student01", "student02", "student03", "student04", "student06", "student09", "student11")
DISHONEST = ("student05", "student07", "student08", "student10", "student12")


@pytest.fixture
def class_of_twelve(course: Course, tmp_path: Path) -> Path:
    """A copy of the course with a made-up class, released and not yet graded."""
    copy = tmp_path / "course"
    copy.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", copy)
    for folder in ("source", "assignments", "solutions"):
        shutil.copytree(course.root / folder, copy / folder)
    run(copy, "autograder", "release", "conv")
    run(copy, "autograder", "simulate", "conv", "--seed", "7")
    return copy


def run(folder: Path, *command: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def points_in(path: Path) -> dict[tuple[str, str], float]:
    with Gradebook(f"sqlite:///{path}") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions("conv")
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.auto_score is not None
        }


@pytest.mark.slow
def test_every_misconception_loses_points_in_its_own_exercise_and_is_named(course: Course) -> None:
    for found in verify(course, "conv"):
        assert found.problems == []
        assert found.named_share >= 0.95
        assert found.misconceptions >= 6 * found.exercises


@pytest.mark.slow
def test_honest_submissions_get_the_same_points_from_stock_nbgrader_cell_by_cell(
    class_of_twelve: Path, convolution: NotebookBundle
) -> None:
    for student in DISHONEST:
        shutil.rmtree(class_of_twelve / "submitted" / student)
    run(class_of_twelve, "autograder", "grade", "conv", "--json", "out.json")
    ours = points_in(class_of_twelve / "gradebook.db")
    in_json = {
        (result["student"], test["grade_id"]): test["points"]
        for result in json.loads((class_of_twelve / "out.json").read_text())
        for test in result["tests"]
        if test["outcome"] != "needs_manual_grade"
    }
    assert {key: points for key, points in ours.items() if key in in_json} == in_json
    for name in ("gradebook.db", "autograded"):
        path = class_of_twelve / name
        path.rename(class_of_twelve / f"{name}.ours")
    run(class_of_twelve, "autograder", "release", "conv")
    run(class_of_twelve, "nbgrader", "autograde", "conv")
    stock = points_in(class_of_twelve / "gradebook.db")
    tests = {cell.grade_id for cell in convolution.tests}
    compared = {key for key in ours if key[1] in tests}
    assert {student for student, _ in compared} == set(HONEST)
    assert {key: ours[key] for key in compared} == {key: stock[key] for key in compared}
