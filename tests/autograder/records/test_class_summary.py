from __future__ import annotations

from autograder.records.class_summary import (
    CourseMistake,
    Failure,
    Mistake,
    Points,
    summarize,
)
from autograder.results import NotebookResult, Outcome, TestResult


def one(
    student: str, notebook: str, *tests: tuple[float, Outcome, str | None], **fields: object
) -> NotebookResult:
    made = tuple(
        TestResult(f"t{number}", f"e{number}", points, 2.0, outcome, diagnosis)
        for number, (points, outcome, diagnosis) in enumerate(tests)
    )
    worst = max((outcome for _, outcome, _ in tests), key=lambda outcome: outcome.badness)
    return NotebookResult(student, "conv", notebook, made, outcome=worst, **fields)  # type: ignore[arg-type]


def test_points_leave_out_missing_notebooks_and_totals_count_them_as_zero() -> None:
    found = summarize(
        "conv",
        [
            one("ada", "01_a", (2.0, Outcome.PASSED, None)),
            one("ada", "02_b", (1.0, Outcome.PARTIAL, "e0.x")),
            one("bob", "01_a", (0.0, Outcome.FAILED, "e0.x")),
            one("bob", "02_b", (0.0, Outcome.MISSING, None)),
            one("cleo", "01_a", (2.0, Outcome.PASSED, None)),
            one("cleo", "02_b", (0.0, Outcome.GRADER_ERROR, None)),
        ],
    )
    assert found.points == (Points("01_a", 2.0, (0.0, 2.0, 2.0)), Points("02_b", 2.0, (1.0,)))
    assert found.total == Points("total", 4.0, (0.0, 3.0))
    assert (found.students, found.count) == (("ada", "bob", "cleo"), 6)
    assert found.outcomes == {
        Outcome.PASSED: 2, Outcome.PARTIAL: 1, Outcome.FAILED: 1, Outcome.MISSING: 1,
        Outcome.GRADER_ERROR: 1,
    }  # fmt: skip


def test_mistakes_are_counted_by_students_the_most_frequent_first() -> None:
    wrong = Outcome.FAILED
    found = summarize(
        "conv",
        [
            one("ada", "01_a", (0.0, wrong, "e0.x"), (0.0, wrong, "e1.y")),
            one("bob", "01_a", (0.0, wrong, "e0.x"), (0.0, wrong, None)),
            one("cleo", "01_a", (0.0, wrong, "e0.z"), (2.0, Outcome.PASSED, None)),
            one("dan", "01_a", (0.0, wrong, "e0.x"), (0.0, Outcome.TIMED_OUT, None)),
        ],
    )
    assert found.mistakes == (
        Mistake("e0.x", "01_a", 3), Mistake("e0.z", "01_a", 1), Mistake("e1.y", "01_a", 1),
    )  # fmt: skip
    assert found.unnamed == 2


def test_histogram_has_full_points_in_the_last_bin_and_bonus_too() -> None:
    points = Points("a", 10.0, (-1.0, 0.0, 0.9, 1.0, 9.0, 10.0, 11.0))
    assert points.histogram == [3, 1, 0, 0, 0, 0, 0, 0, 0, 3]
    assert (points.median, round(points.mean, 2)) == (1.0, 4.41)
    assert Points("a", 0.0, (0.0,)).histogram[0] == 1


def test_failures_of_grader_and_course_are_told_apart() -> None:
    fault = TestResult("t", "e", 0.0, 1.0, Outcome.GRADER_ERROR, mistake="3 of 2", log="why")
    ours = TestResult("u", "f", 0.0, 1.0, Outcome.GRADER_ERROR, log="a worker died")
    lost = Outcome.GRADER_ERROR
    found = summarize(
        "conv",
        [
            NotebookResult("ada", "conv", "01_a", (fault,), outcome=lost),
            NotebookResult("bob", "conv", "01_a", (fault, ours), outcome=lost),
            NotebookResult("cleo", "conv", "01_a", (), outcome=lost),
        ],
    )
    assert found.course_mistakes == (
        CourseMistake("source/conv/01_a.py", "t", "3 of 2", ("ada", "bob")),
    )
    assert found.failures == (
        Failure("bob", "01_a", "a worker died"), Failure("cleo", "01_a", "no log"),
    )  # fmt: skip


def test_people_to_look_at_are_listed() -> None:
    waits = Outcome.NEEDS_MANUAL_GRADE
    found = summarize(
        "conv",
        [
            one("ada", "01_a", (0.0, waits, None), (0.0, waits, None), time_doubt="PST"),
            one("bob", "01_a", (0.0, Outcome.UNREADABLE, None)),
        ],
    )
    assert (found.waiting, found.unreadable, found.unclear_times) == (
        ("ada", "ada"), ("bob",), ("ada",),
    )  # fmt: skip
