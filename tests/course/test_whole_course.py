"""The course as a whole: its graders graded, and its points beside stock nbgrader's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.grading.steps import SKIPPED_TAGS
from autograder.runs.verify import verify
from tests.course.conftest import NOTEBOOKS

ASSIGNMENTS = sorted({path.parent.name for path in NOTEBOOKS})
ITS_OWN_KERNEL = ("--Autograde.exporter_class=nbconvert.exporters.NotebookExporter",)
HONEST = ("student01", "student03", "student09")  # all right, half done, three mistakes a notebook


def run(folder: Path, *command: str) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def honest_class(course: Course, assignment: str, folder: Path) -> None:
    """A copy of the course with the honest students of a made-up class, released, not graded.

    Stock nbgrader runs every cell, so cells that only draw or train are removed.
    """
    folder.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", folder)
    for name in ("source", "assignments", "solutions"):
        shutil.copytree(course.root / name, folder / name)
    run(folder, "autograder", "release", assignment)
    run(folder, "autograder", "simulate", assignment, "--seed", "7")
    for student in (folder / "submitted").iterdir():
        if student.name not in HONEST:
            shutil.rmtree(student)
    for path in folder.glob("submitted/*/*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [
            cell
            for cell in notebook.cells
            if not SKIPPED_TAGS.intersection(cell.metadata.get("tags", []))
        ]
        nbformat.write(notebook, path)


def points_in(path: Path, assignment: str) -> dict[tuple[str, str, str], float]:
    with Gradebook(f"sqlite:///{path}") as gradebook:
        return {
            (submission.student.id, notebook.name, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.auto_score is not None
        }


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_misconception_loses_points_in_its_own_exercise_and_is_named(
    course: Course, assignment: str
) -> None:
    for found in verify(course, assignment):
        assert found.problems == []
        assert found.named_share >= 0.95
        assert found.misconceptions >= 4 * found.exercises


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_honest_submissions_get_the_same_points_from_stock_nbgrader_cell_by_cell(
    course: Course, assignment: str, tmp_path: Path
) -> None:
    folder = tmp_path / "course"
    honest_class(course, assignment, folder)
    run(folder, "autograder", "grade", assignment, "--json", "out.json")
    ours = points_in(folder / "gradebook.db", assignment)
    in_json = {
        (result["student"], result["notebook"], test["grade_id"]): test["points"]
        for result in json.loads((folder / "out.json").read_text())
        for test in result["tests"]
        if test["outcome"] != "needs_manual_grade"
    }
    assert {key: points for key, points in ours.items() if key in in_json} == in_json
    for name in ("gradebook.db", "autograded"):
        (folder / name).rename(folder / f"{name}.ours")
    run(folder, "autograder", "release", assignment)
    # nbgrader gives a cell 30 s, which a busy machine may need for a cell of five seconds.
    run(folder, "nbgrader", "autograde", assignment, *ITS_OWN_KERNEL, "--Execute.timeout=600")
    stock = points_in(folder / "gradebook.db", assignment)
    most = {
        (bundle.name, cell.grade_id): cell.points
        for bundle in load_assignment(course, assignment)
        for cell in bundle.tests
    }
    compared = {key for key in ours if key[1:] in most}
    assert {student for student, _, _ in compared} == set(HONEST)
    other = {key for key in compared if ours[key] != stock[key]}
    # A wrong answer may be right by chance in a group, with one seed and not with the other.
    assert not [key for key in other if most[key[1:]] in (ours[key], stock[key])]
    assert len(other) <= 2, {key: (ours[key], stock[key]) for key in other}
    assert any(ours[key] > 0 for key in compared) and any(ours[key] == 0 for key in compared)
