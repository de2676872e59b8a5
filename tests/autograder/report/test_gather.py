from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Student

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.nbgrader_api.database import prepare_database
from autograder.people.person import Person
from autograder.people.roster import write_people
from autograder.received.store import Store
from autograder.records.gradebook import give_due_date, open_gradebook, record
from autograder.records.term.times import Excuse, Extension, set_excuse, set_extension
from autograder.report.class_data import StudentWork
from autograder.report.gather import gather
from autograder.report.gradebook_rows import read_rows
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.workers.cache import ResultStore
from tests.courses.handed_in import hand_in

DUE = datetime(2026, 2, 1, 9, tzinfo=UTC)
POLICY = """
c.Autograder.late_policy = "late_days"
c.Autograder.late_days = 1
"""


@pytest.fixture
def course(released: Course) -> Course:
    """Ada is late by an hour, Bob by 25 hours; both were graded as files of an older course."""
    config = released.root / "nbgrader_config.py"
    config.write_text(config.read_text() + POLICY)
    course = Course.find(released.root)
    give_due_date(course, "tiny", DUE)
    times = {"ada": "2026-02-01 10:00:00 UTC", "bob": "2026-02-02 10:00:00 UTC", "cy": "PST"}
    for student, when in times.items():
        hand_in(course, student, when=when)
        test = TestResult("test_scale", "scale", 4.0, 7.0, Outcome.PARTIAL)
        result = NotebookResult(student, "tiny", "01_tiny", (test,), outcome=Outcome.PARTIAL)
        ResultStore(course).save(result, "an older key")
        record(course, load_assignment(course, "tiny"), [result])
    return course


def works(course: Course) -> dict[str, StudentWork]:
    return {one.id: one for one in gather(course, "tiny").students}


def test_late_days_and_penalties_are_those_of_the_ledger(course: Course) -> None:
    found = works(course)
    assert gather(course, "tiny").late_days == 1
    ada, bob, cy = found["ada"].late, found["bob"].late, found["cy"].late
    assert (ada.days, ada.free, ada.points_off, ada.days_left) == (1, 1, 0.0, 0)
    assert (bob.days, bob.free, bob.points_off, bob.days_left) == (2, 1, 1.0, 0)
    assert (cy.days, cy.points_off) == (0, 0.0)
    assert cy.doubt and not ada.doubt
    assert found["ada"].handed_in == {"01_tiny": DUE + timedelta(hours=1)}


def test_an_extension_moves_the_due_time_and_an_excuse_takes_the_student_out(
    course: Course,
) -> None:
    with open_gradebook(course) as gradebook:
        set_extension(gradebook.db, "bob", "tiny", Extension(by=timedelta(days=2)))
        set_excuse(gradebook.db, "ada", "tiny", Excuse("ill"))
        gradebook.db.commit()
    found = works(course)
    assert found["bob"].due_at == DUE + timedelta(days=2)
    assert found["bob"].late.days == 0
    assert found["ada"].is_excused and found["ada"].late.points_off == 0.0


def test_names_and_sections_are_those_of_the_roster(course: Course) -> None:
    people = [
        Person("ada", "Ada", "Lovelace", section="A"),
        Person("dan", "Dan", "Doe", section="B"),
        Person("eve", "Eve", "Doe", gone_at=datetime(2026, 1, 1, tzinfo=UTC)),
        Person("bob", "bob", ""),
    ]
    with open_gradebook(course) as gradebook:
        write_people(gradebook.db, people)
        gradebook.db.commit()
    found = works(course)
    assert sorted(found) == ["ada", "bob", "cy", "dan"]
    assert (found["ada"].shown, found["ada"].section) == ("Ada Lovelace (ada)", "A")
    assert found["bob"].shown == "bob"
    assert not found["dan"].has_files and found["dan"].section == "B"


def test_versions_are_counted_in_the_store(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "count", lambda self, assignment, student: len(student))
    assert {name: one.versions for name, one in works(course).items()} == {
        "ada": 3, "bob": 3, "cy": 2,
    }  # fmt: skip


def test_a_result_of_an_older_course_still_counts(course: Course) -> None:
    ada = works(course)["ada"]
    assert ada.results["01_tiny"].points == 4.0
    assert ada.states["01_tiny"].value == "files changed"  # the stored files had no digest


def test_a_course_without_a_gradebook_has_no_rows(tiny_course: Course) -> None:
    rows = read_rows(tiny_course, "tiny")
    assert (rows.people, rows.terms, rows.earlier, rows.late_days) == ({}, {}, "", None)


def test_an_empty_gradebook_has_no_rows(tiny_course: Course) -> None:
    prepare_database(f"sqlite:///{tiny_course.gradebook}")
    assert read_rows(tiny_course, "tiny").people == {}


def test_the_gradebook_is_not_written(course: Course) -> None:
    before = Path(course.gradebook).read_bytes()
    gather(course, "tiny")
    assert Path(course.gradebook).read_bytes() == before
    with open_gradebook(course) as gradebook:
        assert gradebook.db.query(Student).count() == 3
