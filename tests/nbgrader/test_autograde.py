"""`nbgrader autograde`, run as a person runs it, beside `autograder grade`."""

from __future__ import annotations

import nbformat
import pytest

from autograder.course.layout import Course
from tests.courses.handed_in import hand_in
from tests.courses.small_class import gradebook_of
from tests.courses.tiny import FULL, NOTHING
from tests.nbgrader.commands import by_hand, finish, grade_by_hand, left_behind, points, run
from tests.nbgrader.conftest import Graded

pytestmark = pytest.mark.slow

WAITING = {"why": None}


def test_it_leaves_the_gradebook_and_the_notebooks_that_autograder_grade_leaves(
    graded_class: Graded,
) -> None:
    assert left_behind(graded_class.by_nbgrader) == left_behind(graded_class.by_autograder)


def test_answers_that_deceive_a_test_in_their_own_kernel_earn_nothing(
    graded_class: Graded,
) -> None:
    for cheat in ("mallory", "mike"):
        assert points(graded_class.by_nbgrader, cheat) == NOTHING | WAITING
    assert points(graded_class.by_nbgrader, "ada") == FULL | WAITING


def test_one_broken_submission_costs_nobody_else_anything(graded_class: Graded) -> None:
    course = graded_class.by_nbgrader
    assert points(course, "hal") == NOTHING
    assert points(course, "ida") == NOTHING
    assert points(course, "cleo") == FULL | WAITING | {"test_add": 0.0}
    for student in ("lou", "rae", "zip"):
        assert points(course, student) == FULL | WAITING


def test_the_late_penalty_of_the_course_is_taken(graded_class: Graded) -> None:
    penalties = {row[0]: row[2] for row in gradebook_of(graded_class.by_nbgrader)["notebooks"]}
    assert penalties.pop("lou") == 9.0
    assert set(penalties.values()) == {None}


def test_it_shows_what_autograder_grade_shows(graded_class: Graded) -> None:
    assert "scale.adds" in graded_class.said_by_nbgrader
    assert "sandbox: bubblewrap" in graded_class.said_by_nbgrader


def test_what_a_person_entered_stays_whichever_command_grades_again(graded: Course) -> None:
    grade_by_hand(graded, "ada", 0.5, "Nearly.")
    before = left_behind(graded)
    for command in (
        ("nbgrader", "autograde", "tiny"),
        ("nbgrader", "autograde", "tiny", "--student", "ada", "--force"),
        ("autograder", "grade", "tiny"),
    ):
        said = run(graded, *command)
        assert ("graded again: no points changed" in said) == ("--force" in command)
        assert left_behind(graded) == before, command


def test_a_new_submission_is_graded_without_force_and_asks_for_another_look(graded: Course) -> None:
    grade_by_hand(graded, "bob", 0.5, "Nearly.")
    run(graded, "nbgrader", "generate_feedback", "tiny", "--student", "bob")
    page = graded.feedback / "bob" / "tiny" / "01_tiny.html"
    assert "You add k where it should multiply." in page.read_text()
    hand_in(graded, "bob", {}, "2026-02-01 11:00:00 UTC")
    run(graded, "nbgrader", "autograde", "tiny", "--student", "bob")
    assert points(graded, "bob") == FULL | WAITING
    assert by_hand(graded, "bob") == (0.5, True, "Nearly.")
    run(graded, "nbgrader", "generate_feedback", "tiny", "--student", "bob")
    assert "You add k where it should multiply." not in page.read_text()


def test_feedback_and_export_work_on_what_it_left(graded: Course) -> None:
    run(graded, "nbgrader", "generate_feedback", "tiny")
    pages = sorted(path.parts[-3] for path in graded.feedback.glob("*/tiny/01_tiny.html"))
    assert pages == sorted(path.name for path in graded.submitted.iterdir())
    cheat = (graded.feedback / "mallory" / "tiny" / "01_tiny.html").read_text()
    assert (
        "The output is an object that is not plain data" in cheat and "default-src 'none'" in cheat
    )
    run(graded, "nbgrader", "export")
    rows = (graded.root / "grades.csv").read_text().splitlines()
    names = rows[0].split(",")
    scores = {}
    for row in rows[1:]:
        record = dict(zip(names, row.split(","), strict=True))
        scores[record["student_id"]] = float(record["score"])
    assert scores["ada"] == 9.0
    assert scores["lou"] == scores["mallory"] == scores["ida"] == 0.0


def test_validate_tells_a_released_notebook_from_a_solved_one(released: Course) -> None:
    notebook = released.assignments / "tiny" / "01_tiny.ipynb"
    assert "VALIDATION FAILED ON 3 CELL(S)" in run(released, "nbgrader", "validate", str(notebook))
    hand_in(released, "ada", {})
    solved = released.submitted / "ada" / "tiny" / "01_tiny.ipynb"
    nbformat.write(nbformat.read(solved, as_version=4), solved)
    assert "Success!" in run(released, "nbgrader", "validate", str(solved))


def test_a_student_nobody_knows_is_an_error(graded: Course) -> None:
    code, said = finish(graded, "nbgrader", "autograde", "tiny", "--student", "zoe")
    assert code == 1
    assert "nothing was handed in" in said and "zoe/tiny" in said
