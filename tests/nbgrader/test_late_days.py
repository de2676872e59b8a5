"""Late days of a term: a manual grade in formgrader, nbgrader's commands, and fresh penalties."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.records.gradebook import open_gradebook
from tests.courses.build import config
from tests.courses.terms import COURSE_ID, DAY, DUE, HOUR, Handed, WholeTerm, write_term
from tests.nbgrader.commands import run
from tests.nbgrader.server import running_formgrader

LATER = DUE + 7 * DAY
CONFIG = config(
    COURSE_ID,
    """\
c.ExportApp.plugin_class = "autograder.nbgrader_plugin.GradesExport"
c.Autograder.late_policy = "late_days"
c.Autograder.late_days = 1
""",
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Ada hands in conv 26 hours late and next an hour late, with 8 points each."""
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(CONFIG)
    handed = [
        Handed("ada", "conv", "01_a", DUE + 26 * HOUR),
        Handed("ada", "next", "01_c", LATER + HOUR),
    ]
    write_term(root / "gradebook.db", WholeTerm({"conv": DUE, "next": LATER}, handed))
    return Course.find(root)


def exported(course: Course) -> dict[str, tuple[str, str, str]]:
    """Points, penalty and score by assignment, from ``nbgrader export`` in a process of its own."""
    run(course, "nbgrader", "export", "--to", "theirs.csv")
    with (course.root / "theirs.csv").open(newline="") as file:
        return {
            row["assignment"]: (row["raw_score"], row["late_submission_penalty"], row["score"])
            for row in csv.DictReader(file)
        }


def test_a_grade_saved_in_formgrader_has_its_penalty_at_once_and_in_nbgraders_export(
    course: Course, tmp_path: Path
) -> None:
    with running_formgrader(course.root, tmp_path / "home") as formgrader:
        grades = formgrader.api(f"grades?submission_id={submitted_notebook(course)}")
        one = next(grade for grade in grades if grade["name"] == "test_0")
        entry = {"manual_score": 2.0, "extra_credit": 1.0}
        assert formgrader.api(f"grade/{one['id']}", "PUT", entry)["manual_score"] == 2.0
        saved = stored(course)  # written by formgrader's process
    assert saved == {"conv": 1.75, "next": 2.0}
    assert exported(course) == {"conv": ("7.0", "1.75", "5.25"), "next": ("8.0", "2.0", "6.0")}


def submitted_notebook(course: Course) -> str:
    with open_gradebook(course) as gradebook:
        return str(gradebook.find_submission_notebook("01_a", "conv", "ada").id)


def stored(course: Course) -> dict[str, float]:
    """The column of penalties, read without anything of ours."""
    query = """SELECT assignment.name, late_submission_penalty FROM submitted_notebook
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN assignment ON assignment.id = submitted_assignment.assignment_id"""
    with closing(sqlite3.connect(course.gradebook)) as connection:
        return dict(connection.execute(query))


def test_a_due_date_moved_by_nbgrader_moves_late_days_to_the_other_assignment(
    course: Course,
) -> None:
    command = "nbgrader db assignment add conv --duedate".split()
    run(course, *command[:-1], f"--duedate={DUE + 3 * DAY:%Y-%m-%d %H:%M:%S} UTC")
    assert stored(course) == {"conv": None, "next": None}
    assert exported(course)["next"] == ("8.0", "0.0", "8.0")
