from __future__ import annotations

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.records.by_hand import Entry, counted, entries
from autograder.records.gradebook import open_gradebook, record
from autograder.results import NotebookResult, Outcome, TestResult


def result(student: str = "ada", total: Outcome = Outcome.PASSED) -> NotebookResult:
    points = 2.0 if total is Outcome.PASSED else 0.0
    tests = (
        TestResult("test_total", "total", points, 2.0, total),
        TestResult("test_commonest", "commonest", 3.0, 3.0, Outcome.PASSED),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )
    return NotebookResult(
        student, "demo", "01_sums", tests, outcome=max(total, tests[2].outcome, key=bad)
    )


def bad(outcome: Outcome) -> int:
    return outcome.badness


def enter(course: Course, cell: str, points: float | None, extra: float | None = None) -> None:
    """Enter points as formgrader does for a person."""
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade(cell, "01_sums", "demo", "ada")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = points, extra, False
        gradebook.db.commit()


def shown(course: Course, one: NotebookResult) -> NotebookResult:
    (found,) = counted([one], entries(course, "demo"))
    return found


def test_without_a_gradebook_or_entries_results_stay(
    course: Course, bundle: NotebookBundle
) -> None:
    assert entries(course, "demo") == {}
    assert not course.gradebook.exists()
    record(course, [bundle], [result()])
    assert entries(course, "demo") == {}
    assert shown(course, result()) == result()


def test_points_of_a_person_count_as_in_the_gradebook(
    course: Course, bundle: NotebookBundle
) -> None:
    record(course, [bundle], [result(), result("bob")])
    enter(course, "why", 0.5)
    enter(course, "test_commonest", 1.0, 0.25)
    enter(course, "test_total", None, 0.5)
    found = shown(course, result())
    assert [(test.points, test.outcome) for test in found.tests] == [
        (2.5, Outcome.PASSED), (1.25, Outcome.PARTIAL), (0.5, Outcome.PARTIAL),
    ]  # fmt: skip
    assert (found.points, found.outcome) == (4.25, Outcome.PARTIAL)
    with open_gradebook(course) as gradebook:
        assert found.points == gradebook.find_submission("demo", "ada").score
    assert shown(course, result("bob")) == result("bob")


def test_no_points_and_no_extra_credit_are_no_entry(course: Course, bundle: NotebookBundle) -> None:
    record(course, [bundle], [result()])
    enter(course, "why", None, 0.0)
    assert entries(course, "demo") == {}


def test_a_graded_answer_no_longer_waits_and_a_second_look_does(
    course: Course, bundle: NotebookBundle
) -> None:
    record(course, [bundle], [result()])
    enter(course, "why", 1.0)
    assert shown(course, result()).outcome is Outcome.PASSED
    with open_gradebook(course) as gradebook:
        gradebook.find_grade("why", "01_sums", "demo", "ada").needs_manual_grade = True
        gradebook.db.commit()
    again = shown(course, result())
    assert (again.outcome, again.points) == (Outcome.NEEDS_MANUAL_GRADE, 6.0)
    enter(course, "why", 0.0)
    assert shown(course, result()).outcome is Outcome.FAILED


def test_a_failure_of_the_grader_stays_whatever_a_person_entered(
    course: Course, bundle: NotebookBundle
) -> None:
    lost = result(total=Outcome.GRADER_ERROR)
    record(course, [bundle], [lost])
    enter(course, "test_total", 2.0)
    found = shown(course, lost)
    assert (found.outcome, found.tests[0].outcome, found.tests[0].points) == (
        Outcome.GRADER_ERROR, Outcome.GRADER_ERROR, 2.0,
    )  # fmt: skip


def test_a_task_that_only_a_person_grades_counts() -> None:
    entered = {("ada", "01_sums"): {"draw": Entry(3.0, 4.0, replaces=True, waits=False)}}
    (found,) = counted([result()], entered)
    assert (found.points, found.max_points) == (8.0, 10.0)
    assert found.tests[-1] == TestResult("draw", "draw", 3.0, 4.0, Outcome.PARTIAL)
