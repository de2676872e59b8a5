"""nbgrader's own commands: present penalties, CSVs without formulas, and no need for PATH."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.exports.files import export_assignment
from autograder.nbgrader_api.database import database_url
from autograder.records.gradebook import open_gradebook, record
from autograder.records.nbgrader_hooks import install
from autograder.release.release import register_cells
from autograder.results import NotebookResult, Outcome, TestResult
from tests.courses.tiny import CONFIG
from tests.nbgrader.commands import environment, run

LATE = "c.LateSubmissionPlugin.penalty_method = 'zero'\n"


@pytest.fixture
def late(tiny_course: Course) -> Course:
    """A course without points for late work, and one student, a day late with 9 points."""
    (tiny_course.root / "nbgrader_config.py").write_text(CONFIG + LATE)
    bundles = load_assignment(tiny_course, "tiny")
    register_cells(tiny_course, "tiny")
    with open_gradebook(tiny_course) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate="2026-02-01 09:00:00 UTC")
    folder = tiny_course.submitted / "ada" / "tiny"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-02-02 09:00:00 UTC")
    tests = (
        TestResult("test_add", "add", 2.0, 2.0, Outcome.PASSED),
        TestResult("test_scale", "scale", 7.0, 7.0, Outcome.PASSED),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )
    record(tiny_course, bundles, [NotebookResult("ada", "tiny", "01_tiny", tests)])
    return tiny_course


def stored(course: Course) -> tuple[float, float]:
    """Score and penalty of the submission, as formgrader's pages read them."""
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        one = gradebook.find_submission("tiny", "ada")
        return one.score, one.late_submission_penalty


def exported(course: Course) -> tuple[str, str, str]:
    (path,) = export_assignment(course, "tiny").files
    with path.open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    return row["01_tiny"], row["late_penalty"], row["total"]


def by_nbgrader(course: Course) -> tuple[str, str, str]:
    run(course, "nbgrader", "export", "--to", "theirs.csv")
    with (course.root / "theirs.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    return row["raw_score"], row["late_submission_penalty"], row["score"]


def grade_in_formgrader(course: Course, points: float) -> None:
    """Do the work of formgrader's handler, in a process that has read the course's configuration."""
    install()
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        grade = gradebook.find_grade("why", "01_tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_every_surface_has_the_penalty_of_a_manual_grade(late: Course) -> None:
    assert stored(late) == (9.0, 9.0)
    grade_in_formgrader(late, 1.0)
    assert stored(late) == (10.0, 10.0)
    assert exported(late) == ("10", "10", "0")
    assert by_nbgrader(late) == ("10.0", "10.0", "0.0")


def test_every_surface_has_the_penalty_of_a_due_date_that_was_moved(late: Course) -> None:
    command = [*"nbgrader db assignment add tiny".split(), "--duedate=2026-02-03 09:00:00 UTC"]
    run(late, *command)
    assert stored(late) == (9.0, 0.0)
    assert exported(late) == ("9", "0", "9")
    run(late, *command[:-1], "--duedate=2026-02-02 08:59:00 UTC")
    assert by_nbgrader(late) == ("9.0", "9.0", "0.0")


def test_an_extension_takes_the_penalty_off(late: Course) -> None:
    install()
    with Gradebook(database_url(late.gradebook), "tiny") as gradebook:
        gradebook.grant_extension("tiny", "ada", days=2)
    assert stored(late) == (9.0, 0.0)


def test_a_gradebook_outside_of_a_course_is_left_alone(tmp_path: Path) -> None:
    install()
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        gradebook.add_assignment("tiny", duedate="2026-02-01 09:00:00 UTC")
        assert gradebook.find_assignment("tiny").duedate is not None


@pytest.mark.parametrize("words", ["db assignment add tiny", "db upgrade"])
def test_nbgraders_commands_need_no_path(tiny_course: Course, words: str) -> None:
    outside = environment(tiny_course.root / "home") | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "nbgrader"), *words.split()],
        cwd=tiny_course.root, env=outside, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tiny_course.gradebook.is_file()
    assert os.access(tiny_course.gradebook, os.R_OK)


@pytest.mark.parametrize("name", ["=1+1", "+x", "@SUM(A1)", "＝1", 'a,"b"\nc'])
def test_nbgraders_csv_holds_no_formula_and_keeps_its_columns(late: Course, name: str) -> None:
    with open_gradebook(late) as gradebook:
        gradebook.update_or_create_student("ada", last_name=name)
    run(late, "nbgrader", "export", "--to", "theirs.csv")
    with (late.root / "theirs.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["last_name"] == (name if name.startswith("a,") else "'" + name)
    assert row["student_id"] == "ada" and row["max_score"] == "10.0"
