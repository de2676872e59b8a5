"""Visible tests without points under nbgrader's own commands, and under ours in their place."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.grading.seeds import course_secret
from autograder.nbgrader_api.database import database_url
from autograder.release.release import release
from autograder.release.solutions import worked_notebook
from tests.courses.handed_in import as_bytes, as_handed_in, hand_in
from tests.courses.tries import write_course
from tests.nbgrader.commands import left_behind, run

pytestmark = pytest.mark.slow

ITS_OWN_KERNEL = "--Autograde.exporter_class=nbconvert.exporters.NotebookExporter"
STUDENTS = {  # which hidden groups are right does not depend on the seed
    "ada": {},
    "bob": {"add": "def add(a, b):\n    return a - b"},
    "cleo": {"scale": "def scale(x, k):\n    return (x * k).float()"},
    "dan": {"scale": "def scale(x, k):\n    raise NotImplementedError()"},
    "eve": {"scale": "def scale(x, k):\n    return x.mul_(k)"},
    # wrong in the visible test, and right in the hidden groups with three rows
    "fay": {"scale": "def scale(x, k):\n    return x * k if len(x) == 3 else x"},
    # right in the visible test alone
    "gus": {"scale": "def scale(x, k):\n    return x * k if x.shape == (2, 3) else x"},
}
OLD = {f"old_{name}": answers for name, answers in STUDENTS.items()}
TESTS = ("test_add", "test_scale")
POINTS = {
    "ada": (2.0, 7.0), "bob": (0.0, 7.0), "cleo": (2.0, 6.0), "dan": (2.0, 0.0),
    "eve": (2.0, 6.0), "fay": (2.0, 4.0), "gus": (2.0, 0.0),
}  # fmt: skip


@dataclass(frozen=True)
class Courses:
    """The same class, graded by one command each."""

    by_autograder: Course
    by_plugin: Course
    by_stock: Course


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory, tiny: NotebookBundle) -> Courses:
    folder = tmp_path_factory.mktemp("stock")
    course = write_course(folder / "handed_in")
    (bundle,) = load_assignment(course, "tiny")
    worked = course.solutions / "tiny" / "01_tiny.ipynb"
    worked.parent.mkdir(parents=True)
    nbformat.write(worked_notebook(course, bundle), worked)
    release(course, "tiny")
    course_secret(course)
    for student, answers in STUDENTS.items():
        hand_in(course, student, answers)
    for student, answers in OLD.items():  # released with visible lines in the graded cells
        old = course.submitted / student / "tiny"
        old.mkdir(parents=True)
        (old / "01_tiny.ipynb").write_bytes(as_bytes(as_handed_in(tiny, answers)))
        (old / "timestamp.txt").write_text("2026-02-01 10:00:00 UTC")
    copies = []
    for name, command in {
        "autograder": ("autograder", "grade", "tiny", "--json", "out.json"),
        "plugin": ("nbgrader", "autograde", "tiny"),
        "stock": ("nbgrader", "autograde", "tiny", ITS_OWN_KERNEL, "--Execute.timeout=300"),
    }.items():
        shutil.copytree(course.root, folder / name / "course")
        copies.append(Course.find(folder / name / "course"))
        run(copies[-1], *command)
    return Courses(*copies)


def points(course: Course) -> dict[str, dict[str, float | None]]:
    """The automatic scores of the tests that are worth points, by student."""
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.name in TESTS
            }
            for submission in gradebook.assignment_submissions("tiny")
        }


def test_stock_nbgrader_gives_the_same_points_as_ours(courses: Courses) -> None:
    ours = points(courses.by_autograder)
    assert ours == points(courses.by_stock)
    assert {name: tuple(map(found.get, TESTS)) for name, found in ours.items()} == {
        student: expected for name, expected in POINTS.items() for student in (name, f"old_{name}")
    }


def test_a_notebook_from_before_tries_earns_the_points_of_a_new_one(courses: Courses) -> None:
    for course in (courses.by_autograder, courses.by_plugin, courses.by_stock):
        found = points(course)
        for student in STUDENTS:
            assert found[f"old_{student}"] == found[student], student


def test_our_plugin_leaves_what_autograder_grade_leaves(courses: Courses) -> None:
    (courses.by_autograder.root / "out.json").rename(courses.by_autograder.root.parent / "out.json")
    assert left_behind(courses.by_plugin) == left_behind(courses.by_autograder)
    found = json.loads((courses.by_autograder.root.parent / "out.json").read_text())
    in_json = {
        one["student"]: {
            test["grade_id"]: test["points"] for test in one["tests"] if test["grade_id"] in TESTS
        }
        for one in found
    }
    assert in_json == points(courses.by_plugin)
    assert {test["grade_id"] for one in found for test in one["tests"]} == {*TESTS, "why"}


def test_stock_nbgrader_records_tries_at_zero_as_ours_does(courses: Courses) -> None:
    for course in (courses.by_autograder, courses.by_stock):
        with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
            for student in STUDENTS:
                notebook = gradebook.find_submission_notebook("01_tiny", "tiny", student)
                tries = {
                    grade.name: (grade.auto_score, grade.max_score, grade.needs_manual_grade)
                    for grade in notebook.grades
                    if grade.name.startswith("try_")
                }
                assert tries == dict.fromkeys(
                    ("try_add", "try_scale", "try_count"), (0.0, 0.0, False)
                )


def test_validate_tells_a_student_about_a_failing_try(courses: Courses, tmp_path: Path) -> None:
    course = courses.by_stock
    said = {}
    for student in ("ada", "bob"):
        path = tmp_path / f"{student}.ipynb"
        handed_in = course.submitted / student / "tiny" / "01_tiny.ipynb"
        nbformat.write(nbformat.read(handed_in, as_version=4), path)
        said[student] = run(course, "nbgrader", "validate", str(path))
    assert "Success!" in said["ada"]
    assert "VALIDATION FAILED ON 1 CELL(S)" in said["bob"]
    assert 'expect("1 + 2", add(1, 2), 3)' in said["bob"]
    assert "1 + 2: got -1, expected 3" in said["bob"]
