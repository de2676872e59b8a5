from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.nbgrader_api.database import database_url
from autograder.records.gradebook import open_gradebook, record
from autograder.results import NotebookResult, Outcome, TestResult

Result = Callable[..., NotebookResult]


@pytest.fixture
def result() -> Result:
    def make(
        student: str = "ada",
        total: tuple[float, Outcome] = (2.0, Outcome.PASSED),
        commonest: tuple[float, Outcome] = (1.5, Outcome.PARTIAL),
        why: Outcome = Outcome.NEEDS_MANUAL_GRADE,
    ) -> NotebookResult:
        tests = (
            TestResult("test_total", "total", total[0], 2.0, total[1]),
            TestResult("test_commonest", "commonest", commonest[0], 3.0, commonest[1]),
            TestResult("why", "why", 0.0, 1.0, why),
        )
        return NotebookResult(student, "demo", "01_sums", tests)

    return make


def grades(course: Course, student: str = "ada") -> dict[str, tuple[float | None, bool]]:
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_submission_notebook("01_sums", "demo", student)
        return {g.name: (g.auto_score, g.needs_manual_grade) for g in notebook.grades}


def score(course: Course, student: str = "ada") -> float:
    with open_gradebook(course) as gradebook:
        return float(gradebook.find_submission("demo", student).score)


def hand_in(course: Course, when: str, student: str = "ada") -> None:
    folder = course.submitted / student / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text(when)


def grade_by_hand(course: Course, cell: str, points: float, comment: str) -> None:
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade(cell, "01_sums", "demo", "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment("why", "01_sums", "demo", "ada").manual_comment = comment
        gradebook.db.commit()


def test_results_are_recorded_in_a_gradebook_that_did_not_exist(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    record(course, [bundle], [result(), result("bob", total=(0.0, Outcome.FAILED))])
    assert grades(course) == {
        "test_total": (2.0, False),
        "test_commonest": (1.5, False),
        "why": (None, True),
    }
    assert score(course) == 3.5
    assert score(course, "bob") == 1.5
    with Gradebook(database_url(course.gradebook), "cnn") as gradebook:
        assert {student.id for student in gradebook.students} == {"ada", "bob"}
        assert gradebook.find_submission("demo", "ada").max_score == 6.0


@pytest.mark.parametrize("points", [0.1 + 0.2, 1 / 3, 2.0, 1e-9])
def test_points_in_the_gradebook_are_the_points_in_the_json(
    course: Course, bundle: NotebookBundle, result: Result, points: float
) -> None:
    verdict = result(total=(points, Outcome.PARTIAL))
    record(course, [bundle], [verdict])
    public = {test["grade_id"]: test["points"] for test in verdict.public()["tests"]}
    assert grades(course)["test_total"][0] == public["test_total"]


def test_grading_again_replaces_automatic_scores_and_keeps_what_a_person_entered(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    hand_in(course, "2026-02-01 10:00:00 UTC")
    record(course, [bundle], [result()])
    grade_by_hand(course, "why", 0.5, "Nearly.")
    record(course, [bundle], [result(total=(1.0, Outcome.PARTIAL))])
    assert grades(course)["test_total"] == (1.0, False)
    assert score(course) == 1.0 + 1.5 + 0.5
    with open_gradebook(course) as gradebook:
        assert gradebook.find_comment("why", "01_sums", "demo", "ada").comment == "Nearly."


def test_a_graded_answer_needs_another_look_only_when_a_new_submission_came(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    hand_in(course, "2026-02-01 10:00:00 UTC")
    record(course, [bundle], [result()])
    grade_by_hand(course, "why", 0.5, "Nearly.")
    record(course, [bundle], [result()])
    assert grades(course)["why"] == (None, False)
    hand_in(course, "2026-02-02 10:00:00 UTC")
    record(course, [bundle], [result()])
    assert grades(course)["why"] == (None, True)


def test_a_test_graded_over_by_a_person_needs_another_look_when_its_score_changes(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    hand_in(course, "2026-02-01 10:00:00 UTC")
    record(course, [bundle], [result()])
    grade_by_hand(course, "test_total", 1.0, "")
    record(course, [bundle], [result()])
    assert grades(course)["test_total"] == (2.0, False)
    record(course, [bundle], [result(total=(0.0, Outcome.FAILED))])
    assert grades(course)["test_total"] == (0.0, True)


def test_an_unanswered_question_is_zero_without_anybody_looking(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    record(course, [bundle], [result(why=Outcome.FAILED)])
    assert grades(course)["why"] == (0.0, False)
    with open_gradebook(course) as gradebook:
        assert gradebook.find_comment("why", "01_sums", "demo", "ada").comment == "No response."
        assert gradebook.find_comment("total", "01_sums", "demo", "ada").comment is None


@pytest.mark.parametrize("outcome", [Outcome.MISSING, Outcome.UNREADABLE])
def test_a_notebook_that_is_not_there_counts_zero(
    course: Course, bundle: NotebookBundle, outcome: Outcome
) -> None:
    verdict = NotebookResult("ada", "demo", "01_sums", (), outcome=outcome)
    record(course, [bundle], [verdict])
    assert set(grades(course).values()) == {(0.0, False)}


def test_where_the_grader_failed_there_is_no_score_and_a_person_is_asked(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    record(course, [bundle], [result(total=(0.0, Outcome.GRADER_ERROR))])
    assert grades(course)["test_total"] == (None, True)
    broken = NotebookResult("bob", "demo", "01_sums", (), outcome=Outcome.GRADER_ERROR)
    record(course, [bundle], [broken])
    assert set(grades(course, "bob").values()) == {(None, True)}


def test_a_student_whose_results_cannot_be_written_leaves_no_trace_and_others_stay(
    course: Course, bundle: NotebookBundle, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = NotebookResult(
        "zoe", "demo", "01_sums", (TestResult("test_total", "total", "x", 2, Outcome.PASSED),)
    )  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="x"):
        record(course, [bundle], [result(), bad])
    with open_gradebook(course) as gradebook:
        assert [student.id for student in gradebook.students] == ["ada"]


def test_the_time_of_handing_in_and_the_courses_late_penalty_are_recorded(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    hand_in(course, "2026-02-01 10:00:00 UTC")
    hand_in(course, "2026-01-31 10:00:00 UTC", "bob")
    record(course, [bundle], [result(), result("bob")])
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment("demo", duedate="2026-02-01 09:00:00 UTC")
    record(course, [bundle], [result(), result("bob")])
    with open_gradebook(course) as gradebook:
        late = gradebook.find_submission("demo", "ada")
        assert str(late.timestamp) == "2026-02-01 10:00:00"
        assert late.total_seconds_late == 3600
        assert late.late_submission_penalty == late.score == 3.5
        assert gradebook.find_submission("demo", "bob").late_submission_penalty == 0


def test_a_timestamp_file_that_is_no_date_is_passed_over(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    hand_in(course, "yesterday-ish")
    record(course, [bundle], [result()])
    with open_gradebook(course) as gradebook:
        assert gradebook.find_submission("demo", "ada").timestamp is None


def test_new_points_in_the_source_reach_the_gradebook(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    record(course, [bundle], [result()])
    from autograder.course.source import load_bundle

    path = course.source / "demo/01_sums.py"
    text = path.read_text().replace('"points": 3', '"points": 4').replace("3.0 if", "4.0 if")
    path.write_text(text)
    record(course, [load_bundle(path)], [result()])
    with open_gradebook(course) as gradebook:
        assert gradebook.find_submission("demo", "ada").max_score == 7.0


def test_a_renamed_test_takes_the_place_of_the_old_one_after_submissions_were_recorded(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    record(course, [bundle], [result()])
    from autograder.course.source import load_bundle

    path: Path = course.source / "demo/01_sums.py"
    path.write_text(path.read_text().replace('"test_total"', '"test_sum"'))
    record(course, [load_bundle(path)], [])
    assert sorted(grades(course)) == ["test_commonest", "test_sum", "why"]


@pytest.mark.parametrize("timestamp", ["2026-02-01 10:00:00 UTC", ""])
def test_other_cases_of_the_same_course_leave_a_manual_grade_in_peace(
    course: Course, bundle: NotebookBundle, result: Result, timestamp: str
) -> None:
    def made(handed_in: str, source: str, total: float) -> NotebookResult:
        verdict = result(total=(total, Outcome.PARTIAL))
        return replace(verdict, handed_in=handed_in, source=source)

    def waiting(handed_in: str, source: str, total: float) -> list[str]:
        for cell in ("why", "test_total"):
            grade_by_hand(course, cell, 0.5, "Nearly.")
        record(course, [bundle], [made(handed_in, source, total)])
        return sorted(name for name, (_, waits) in grades(course).items() if waits)

    hand_in(course, timestamp)
    record(course, [bundle], [made("files", "course", 1.0)])
    assert waiting("files", "course", 1.0) == []
    assert waiting("files", "course", 1.5) == []  # only the seeds changed
    assert waiting("files", "mended", 1.5) == []  # a check was mended, and says the same
    assert waiting("files", "mended again", 1.0) == ["test_total"]
    assert waiting("other files", "mended again", 1.0) == ["test_total", "why"]


def test_scores_of_an_older_version_are_judged_by_the_time_of_handing_in(
    course: Course, bundle: NotebookBundle, result: Result
) -> None:
    hand_in(course, "2026-02-01 10:00:00 UTC")
    record(course, [bundle], [result()])
    grade_by_hand(course, "test_total", 1.0, "")
    new = replace(result(total=(1.0, Outcome.PARTIAL)), handed_in="files", source="course")
    record(course, [bundle], [new])
    assert grades(course)["test_total"] == (1.0, False)
