from __future__ import annotations

import csv
import sqlite3
from contextlib import closing

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import UsageError
from autograder.exports.files import export_assignment
from autograder.records.gradebook import open_gradebook, record
from autograder.records.spreadsheet import harmless
from autograder.release.release import register_cells
from autograder.results import NotebookResult, Outcome, TestResult


def table(course: Course) -> dict[str, dict[str, str]]:
    (path,) = export_assignment(course, "demo").files
    assert path == course.root / "grades" / "demo.csv"
    with path.open(newline="", encoding="utf-8-sig") as file:
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


def due(course: Course, when: str) -> None:
    register_cells(course, "demo")
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_assignment("demo", duedate=when)


def stamp(course: Course, student: str, text: str) -> None:
    folder = course.submitted / student / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timestamp.txt").write_text(text, encoding="utf-8")


def test_whether_it_was_late_is_unknown_where_the_time_is_not_clear(
    course: Course, bundle: NotebookBundle
) -> None:
    times = {
        "t_bom": "\ufeff2026-10-02 03:00:00 UTC",
        "t_control": "2026-10-01 23:30:00 America/Los_Angeles",
        "t_day_first": "02.10.2026 08:00 CEST",
        "t_epoch": "1790910000",
        "t_pst": "2026-10-01 23:30:00 PST",
        "t_no_zone": "2026-10-01 23:30:00",
        "t_no_zone_week": "2026-10-09 23:30:00",
        "t_in_time": "2026-10-01 23:59:00 UTC",
    }
    due(course, "2026-10-01 23:59:00 UTC")
    for student, text in times.items():
        stamp(course, student, text)
    record(course, [bundle], [verdict(student, 2.0) for student in (*times, "no_file")])
    rows = table(course)
    assert {student: row["late"] for student, row in rows.items()} == {
        "t_bom": "yes", "t_control": "yes", "t_day_first": "unknown", "t_epoch": "yes",
        "t_pst": "unknown", "t_no_zone": "unknown", "t_no_zone_week": "yes", "t_in_time": "no",
        "no_file": "unknown",
    }  # fmt: skip
    assert rows["t_pst"]["submitted_at"] == ""


def test_an_unclear_time_takes_the_place_of_an_older_one(
    course: Course, bundle: NotebookBundle
) -> None:
    due(course, "2026-10-01 23:59:00 UTC")
    for text, late in (("2026-10-01 20:00:00 UTC", "no"), ("2026-10-09 20:00:00 PST", "unknown")):
        stamp(course, "ada", text)
        record(course, [bundle], [verdict("ada", 2.0)])
        assert table(course)["ada"]["late"] == late


def with_penalties(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")


def by_other_programs(course: Course, *statements: str) -> None:
    with closing(sqlite3.connect(course.gradebook)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_the_penalty_is_computed_from_the_points_and_times_of_now(
    course: Course, bundle: NotebookBundle
) -> None:
    with_penalties(course)
    due(course, "2026-02-01 09:00:00 UTC")
    stamp(course, "ada", "2026-02-01 10:00:00 UTC")
    record(course, [bundle], [verdict("ada", 2.0)])
    by_other_programs(course, "UPDATE grade SET manual_score = 1.0 WHERE auto_score IS NULL")
    row = table(course)["ada"]
    assert (row["01_sums"], row["late_penalty"], row["total"]) == ("3.3333", "3.3333", "0")
    by_other_programs(course, "UPDATE assignment SET duedate = '2026-02-01 11:00:00.000000'")
    row = table(course)["ada"]
    assert (row["late"], row["late_penalty"], row["total"]) == ("no", "0", "3.3333")
    with closing(sqlite3.connect(course.gradebook)) as database:  # the cache was refreshed
        rows = database.execute("SELECT late_submission_penalty FROM submitted_notebook").fetchall()
    assert rows == [(None,)]


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


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@x", " =1", "\t=1", "\xa0=1", "＝1", "|cmd", "\n=1"]
)
def test_names_are_no_formulas(course: Course, bundle: NotebookBundle, name: str) -> None:
    assert harmless(name) == "'" + name
    record(course, [bundle], [verdict("ada", 2.0)])
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_student("ada", first_name=name)
    assert table(course)["ada"]["first_name"] == "'" + name


def test_points_of_the_leaderboard_are_a_column_and_part_of_the_total(
    course: Course, bundle: NotebookBundle
) -> None:
    record(course, [bundle], [verdict("ada", 2.0)])
    with open_gradebook(course) as gradebook:
        for student in ("alan", "grace"):
            gradebook.add_student(student)
    (path,) = export_assignment(course, "demo", board={"ada": 17.5, "alan": 3.0}).files
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    points = {who: (row["leaderboard"], row["total"]) for who, row in rows.items()}
    assert points == {"ada": ("17.5", "19.8333"), "alan": ("3", "3"), "grace": ("0", "0")}
    assert rows["ada"]["01_sums"] == "2.3333"
    assert "leaderboard" not in table(course)["ada"]


def test_an_unknown_assignment_is_named(course: Course) -> None:
    with pytest.raises(UsageError, match="knows no assignment 'nothing'"):
        export_assignment(course, "nothing")
