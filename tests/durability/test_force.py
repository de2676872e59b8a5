"""Grading again: only changed notebooks or, by force, all, with the difference shown first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.grading.seeds import course_secret
from autograder.records.changes import Change, changes
from autograder.records.gradebook import open_gradebook, record
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs.class_run import ClassRun
from tests.courses.instant_pool import InstantPool
from tests.courses.small_class import finish, gradebook_of, hand_in_slow, write_class


def verdict(student: str = "ada", add: float = 2.0, scale: float = 7.0) -> NotebookResult:
    tests = (
        TestResult("test_add", "add", add, 2.0, Outcome.PASSED),
        TestResult("test_scale", "scale", scale, 7.0, Outcome.PASSED),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )
    return NotebookResult(student, "tiny", "01_tiny", tests)


def test_changes_are_those_of_the_points_and_reading_them_writes_nothing(released: Course) -> None:
    bundles = load_assignment(released, "tiny")
    record(released, bundles, [verdict("ada"), verdict("bob")])
    before = released.gradebook.read_bytes()
    again = [verdict("ada"), verdict("bob", scale=3.5), verdict("cleo")]
    assert changes(released, bundles, again) == [
        Change("bob", "01_tiny", 9.0, 5.5),
        Change("cleo", "01_tiny", None, 9.0),
    ]
    assert released.gradebook.read_bytes() == before


def test_a_notebook_without_a_verdict_has_no_points_rather_than_zero(released: Course) -> None:
    bundles = load_assignment(released, "tiny")
    failed = TestResult("test_add", "add", 0.0, 2.0, Outcome.GRADER_ERROR)
    lost = replace(verdict(), outcome=Outcome.GRADER_ERROR)
    lost = replace(lost, tests=(failed, *lost.tests[1:]))
    record(released, bundles, [lost])
    assert changes(released, bundles, [lost]) == []
    assert changes(released, bundles, [verdict()]) == [Change("ada", "01_tiny", None, 9.0)]
    record(released, bundles, [verdict()])
    assert changes(released, bundles, [lost]) == [Change("ada", "01_tiny", 9.0, None)]


def test_what_a_person_entered_is_no_change_of_the_automatic_points(released: Course) -> None:
    bundles = load_assignment(released, "tiny")
    record(released, bundles, [verdict()])
    grade_by_hand(released, "why", 1.0, "Good.")
    assert changes(released, bundles, [verdict()]) == []


def grade_by_hand(course: Course, cell: str, points: float, comment: str) -> None:
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade(cell, "01_tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade, grade.extra_credit = points, False, 0.25
        gradebook.find_comment("why", "01_tiny", "tiny", "ada").manual_comment = comment
        gradebook.db.commit()


def by_hand(course: Course) -> list[tuple[object, ...]]:
    found = gradebook_of(course)
    grades = [row for row in found["grade"] if row[4] is not None]
    return [*grades, *(row for row in found["comment"] if row[4] is not None)]


@pytest.mark.slow
def test_only_what_changed_is_graded_again_and_force_tells_the_difference_before_it_writes(
    released: Course, tmp_path: Path
) -> None:
    course_secret(released)
    write_class(released, {"ada": {}, "bob": {"scale": "def scale(x, k):\n    return x + k"}})
    assert finish(released)[0] == 0
    grade_by_hand(released, "why", 0.5, "Nearly.")
    entered = by_hand(released)
    assert len(entered) == 2

    # nothing changed: nothing is graded
    assert graded_in_last_run(released, *finish(released)) == []
    # bob hands in again: only bob is graded
    (bundle,) = load_assignment(released, "tiny")
    hand_in_slow(
        released, bundle, "bob", {"add": "def add(a, b):\n    return 0"}, "2026-02-02 10:00 UTC"
    )
    assert graded_in_last_run(released, *finish(released)) == ["bob"]
    assert by_hand(released) == entered

    # somebody changed a score behind the grader's back; without force nobody would notice
    with open_gradebook(released) as gradebook:
        gradebook.find_grade("test_add", "01_tiny", "tiny", "bob").auto_score = 1.25
        gradebook.db.commit()
    code, out, err = finish(released, "--force", "--student", "bob")
    assert graded_in_last_run(released, code, out, err) == ["bob"]
    assert "points that change" in out
    (row,) = [line for line in out.splitlines() if "bob" in line and line.startswith("│")]
    assert [part.strip() for part in row.strip("│ ").split("│")] == [
        "bob", "01_tiny", "8.25", "7", "-1.25",
    ]  # fmt: skip
    assert by_hand(released) == entered
    scores = {row[:3]: row[3] for row in gradebook_of(released)["grade"]}
    assert scores["bob", "01_tiny", "test_add"] == 0.0

    # all again: nothing changes, and that is said
    code, out, err = finish(released, "--force")
    assert graded_in_last_run(released, code, out, err) == ["ada", "bob"]
    assert "graded again: no points changed" in out
    assert by_hand(released) == entered


@pytest.mark.slow
def test_other_cases_for_the_same_files_tell_the_difference_and_flag_no_manual_grade(
    released: Course,
) -> None:
    write_class(released, {"ada": {}, "bob": {}})
    assert finish(released)[0] == 0
    grade_by_hand(released, "why", 0.5, "Nearly.")
    with open_gradebook(released) as gradebook:
        grade = gradebook.find_grade("test_add", "01_tiny", "tiny", "ada")
        grade.auto_score, grade.manual_score = 1.25, 1.5  # as other cases would have it
        gradebook.db.commit()
    entered = by_hand(released)

    (released.state / "secret").write_text("another secret, so all cases are others")
    code, out, err = finish(released)
    assert graded_in_last_run(released, code, out, err) == ["ada", "bob"]
    (row,) = [line for line in out.splitlines() if "+0.75" in line]
    assert [part.strip() for part in row.strip("│ ").split("│")][:2] == ["ada", "01_tiny"]
    assert by_hand(released) == [(*row[:3], 2.0, *row[4:]) if row[2] == "test_add" else row
                                 for row in entered]  # fmt: skip
    with open_gradebook(released) as gradebook:
        for name in ("why", "test_add"):
            grade = gradebook.find_grade(name, "01_tiny", "tiny", "ada")
            assert not grade.needs_manual_grade

    # a hand-in changes no other student's row, and a new submission is no regrade
    (bundle,) = load_assignment(released, "tiny")
    hand_in_slow(
        released, bundle, "bob", {"add": "def add(a, b):\n    return 0"}, "2026-02-02 10:00 UTC"
    )
    code, out, err = finish(released)
    assert graded_in_last_run(released, code, out, err) == ["bob"]
    assert "points that change" not in out


def graded_in_last_run(course: Course, code: int, out: str, err: str) -> list[str]:
    assert code == 0, out + err
    last = max((course.state / "log").iterdir(), key=lambda path: path.stat().st_mtime)
    lines = [json.loads(line) for line in last.read_text().splitlines()]
    return sorted(line["student"] for line in lines if line["event"] == "notebook")


def test_a_forced_run_tells_before_it_writes(
    released: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstantPool, "trouble", staticmethod(lambda student: None), raising=False)
    monkeypatch.setattr("autograder.runs.grading.Pool", InstantPool)
    write_class(released, {"ada": {}})
    record(released, load_assignment(released, "tiny"), [verdict("ada")])
    told: list[list[Change]] = []

    def look(changes: list[Change]) -> None:
        told.append(changes)
        grades = gradebook_of(released)["grade"]
        assert [row[3] for row in grades] == [2.0, 7.0, None]
        assert not released.autograded.exists()
        assert not (released.state / "results").exists()

    ClassRun(released, "tiny", force=True).grade(on_changes=look)
    assert told == [[Change("ada", "01_tiny", 9.0, 0.0)]]
    assert released.autograded.exists()
