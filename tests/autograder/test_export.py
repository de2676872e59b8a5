from __future__ import annotations

import csv

import pytest

from autograder.bundle import NotebookBundle
from autograder.course import Course
from autograder.errors import UsageError
from autograder.export import harmless, write_grades_csv
from autograder.gradebook import open_gradebook, record
from autograder.release import register_cells
from autograder.results import NotebookResult, Outcome, TestResult


def table(course: Course) -> dict[str, dict[str, str]]:
    with write_grades_csv(course, "demo").open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def verdict(student: str, total: float) -> NotebookResult:
    tests = (
        TestResult("test_total", "total", total, 2.0, Outcome.PASSED),
        TestResult("test_commonest", "commonest", 1 / 3, 3.0, Outcome.PARTIAL),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )
    return NotebookResult(student, "demo", "01_sums", tests)


def test_a_row_says_points_total_and_what_is_still_open(
    course: Course, bundle: NotebookBundle
) -> None:
    record(course, [bundle], [verdict("ada", 2.0)])
    row = table(course)["ada"]
    assert row["assignment"] == "demo"
    assert row["01_sums"] == row["total"] == "2.3333"
    assert row["max_points"] == "6"
    assert row["needs_manual_grade"] == "yes"
    assert (row["late"], row["late_penalty"], row["submitted_at"]) == ("no", "0", "")


def test_late_hand_ins_say_so_and_carry_the_penalty(course: Course, bundle: NotebookBundle) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    folder = course.submitted / "ada" / "demo"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-02-01 10:00:00 UTC")
    register_cells(course, "demo")
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment("demo", duedate="2026-02-01 09:59:00 UTC")
    record(course, [bundle], [verdict("ada", 2.0)])
    row = table(course)["ada"]
    assert (row["late"], row["submitted_at"]) == ("yes", "2026-02-01T10:00:00Z")
    assert (row["01_sums"], row["late_penalty"], row["total"]) == ("2.3333", "2.3333", "0")


def test_a_grade_set_by_hand_counts(course: Course, bundle: NotebookBundle) -> None:
    record(course, [bundle], [verdict("ada", 2.0)])
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("why", "01_sums", "demo", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    row = table(course)["ada"]
    assert (row["total"], row["needs_manual_grade"]) == ("3.3333", "no")


def test_a_student_who_handed_nothing_in_is_listed_with_zero(
    course: Course, bundle: NotebookBundle
) -> None:
    record(course, [bundle], [verdict("ada", 2.0)])
    with open_gradebook(course) as gradebook:
        gradebook.add_student("bob", last_name="Björk, B.")
    row = table(course)["bob"]
    assert (row["total"], row["01_sums"], row["last_name"]) == ("0", "", "Björk, B.")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", " =1", "\t=1"])
def test_names_are_no_formulas(course: Course, bundle: NotebookBundle, name: str) -> None:
    assert harmless(name) == "'" + name
    record(course, [bundle], [verdict("ada", 2.0)])
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_student("ada", first_name=name)
    assert table(course)["ada"]["first_name"] == "'" + name


def test_an_unknown_assignment_is_named(course: Course) -> None:
    with pytest.raises(UsageError, match="knows no assignment 'nothing'"):
        write_grades_csv(course, "nothing")
