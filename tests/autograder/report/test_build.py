from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder.errors import UsageError
from autograder.report.build import build, only
from autograder.report.document import VERSION
from autograder.results import Outcome
from tests.autograder.report.kit import class_data

FOUND = class_data(90)


def test_the_json_holds_the_document_with_plain_values() -> None:
    made = build(FOUND)
    data = json.loads(made.to_json())
    assert data["version"] == VERSION
    assert data["made_at"] == "2026-10-08T09:30:00+00:00"
    assert [one["id"] for one in data["students"]] == [one.id for one in FOUND.students]
    assert data["total"]["values"] == list(made.total.values)
    assert made.to_json() == build(FOUND).to_json()


def test_no_number_of_the_json_is_nan_or_infinite() -> None:
    for students in (0, 1, 2, 12):
        found = replace(FOUND, students=FOUND.students[:students])
        json.loads(build(found).to_json(), parse_constant=lambda text: pytest.fail(text))


def test_a_student_has_points_where_there_is_a_verdict() -> None:
    for student, work in zip(build(FOUND).students, FOUND.students, strict=True):
        lost = {
            name
            for name, result in work.results.items()
            if result.outcome in (Outcome.MISSING, Outcome.UNREADABLE, Outcome.GRADER_ERROR)
        }
        for name, points in zip(FOUND.notebooks, student.points, strict=True):
            assert (points is None) == (name in lost or not work.has_files)


def test_the_state_of_a_student_is_the_first_thing_to_know() -> None:
    states = {one.id: one.state for one in build(FOUND).students}
    for work in FOUND.students:
        outcomes = {result.outcome for result in work.results.values()}
        tests = {test.outcome for result in work.results.values() for test in result.tests}
        if not work.has_files:
            expected = "nothing handed in"
        elif Outcome.GRADER_ERROR in outcomes:
            expected = "no verdict"
        elif Outcome.UNREADABLE in outcomes:
            expected = "unreadable file"
        elif Outcome.NEEDS_MANUAL_GRADE in tests:
            expected = "to grade by hand"
        else:
            expected = "notebook missing" if Outcome.MISSING in outcomes else "graded"
        assert states[work.id] == expected
    assert len(set(states.values())) == 6


def test_who_is_excused_or_gone_is_told_as_such() -> None:
    first, second, *_ = FOUND.students
    people = (replace(first, is_excused=True), replace(second, has_files=False, is_gone=True))
    made = build(replace(FOUND, students=people))
    assert [one.state for one in made.students] == ["excused", "left the course"]
    assert [one.total for one in made.students] == [None, None]


def test_a_section_keeps_its_students_and_the_table_of_sections() -> None:
    made = build(FOUND, "Monday")
    assert {one.section for one in made.students} == {"Monday"}
    assert made.sections == build(FOUND).sections
    assert made.total == build(only(FOUND, "Monday")).total
    named = {name for one in made.mistakes for name in one.students}
    assert named <= {one.id for one in made.students}


def test_a_section_that_nobody_is_in_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"there: Monday, Thursday, Tuesday"):
        build(FOUND, "monday")
    nobody = replace(FOUND, students=tuple(replace(one, section="") for one in FOUND.students))
    with pytest.raises(UsageError, match="roster import"):
        build(nobody, "A")
