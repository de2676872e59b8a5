from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from autograder.cli.display.graded import Shown, graded
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.files.unused_files import Unused, UnusedFile
from autograder.records.gradebook import open_gradebook, record
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs.plan import FilesReport

Show = Callable[..., str]
FILES = FilesReport({"bob": (UnusedFile(("x.pdf",), Unused.DOCUMENT),)}, ())


def result(student: str, lost: bool = False) -> NotebookResult:
    test = TestResult("test_total", "total", 1.0, 2.0, Outcome.PARTIAL, "total.product")
    if lost:
        test = TestResult("test_total", "total", 0.0, 2.0, Outcome.GRADER_ERROR, log="it [died]")
    why = TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE)
    outcome = test.outcome
    return NotebookResult(student, "demo", "01_sums", (test, why), outcome=outcome)


@pytest.fixture
def show(course: Course, bundle: NotebookBundle) -> Show:
    """``show(results)``: the end of a run whose results are recorded, ada's with a manual grade."""

    def run(results: list[NotebookResult], *students: str, details: bool = False) -> str:
        record(course, [bundle], results)
        with open_gradebook(course) as gradebook:
            grade = gradebook.find_grade("why", "01_sums", "demo", "ada")
            grade.manual_score, grade.needs_manual_grade = 0.75, False
            gradebook.db.commit()
        file = io.StringIO()
        shown = Shown(results, [FILES], 1.0, students, details)
        graded(Console(width=100, file=file), course, shown)
        return file.getvalue()

    return run


def test_manual_points_count_in_the_summary_and_other_answers_wait(show: Show) -> None:
    said = show([result("ada"), result("bob")])
    (row,) = [line for line in said.splitlines() if line.startswith("01_sums")]
    assert row.split()[1:6] == ["2", "1.4", "1.4", "1-1.75", "3"]
    assert "points so far" in said and "1 answer of 1 student to grade in formgrader" in said
    assert "2  total.product" in said and "┃" not in said
    assert "no name for" not in said  # ada's answer was graded by a person
    assert "1 file of 1 student: bob" in said and "x.pdf" not in said


def test_details_are_the_long_table_with_all_reasons_and_then_the_summary(show: Show) -> None:
    said = show([result("ada"), result("bob", lost=True)], details=True)
    table, _, rest = said.partition("demo: 2 students")
    assert "│ ada" in table and "1.75 / 3" in table and "total.product" in table
    assert "grade again with `autograder grade demo --student bob`" in " ".join(table.split())
    assert "it [died]" in table and "bob: x.pdf: a document cannot be graded" in table
    assert "grade again: autograder grade demo (it [died])" in rest


def test_named_students_are_shown_exercise_by_exercise(show: Show) -> None:
    said = show([result("ada"), result("bob", lost=True)], "ada", "bob")
    assert "ada, demo: 1.75 / 3 points, 1 of 2 exercises graded by hand\n" in said
    assert "bob, demo: 0 / 3 points, 1 to grade by hand" in said
    assert "    total.product\n" in said and "0.75 / 1      partial (by hand)" in said
    assert said.count("grade again with") == 1 and "most frequent mistakes" not in said
    assert "sandbox" not in said and "gradebook: " in said
    both = show([result("ada"), result("bob", lost=True)], "ada", "bob", details=True)
    assert both.count("grade again with") == 1 and "│ ada" in both and "bob, demo" in both
