from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from autograder.report.class_data import Late
from autograder.report.numbers.hand_ins import hand_ins, hours_after_due, late_days
from autograder.results import NotebookResult
from tests.autograder.report.kit import DUE, class_data, work_of

ADA = replace(work_of(NotebookResult("ada", "conv", "01_convolution", ())), due_at=DUE)
FOUND = replace(class_data(1), students=())


def at(hours: float, **fields):  # type: ignore[no-untyped-def]
    times = {"01": DUE + timedelta(hours=hours - 30), "02": DUE + timedelta(hours=hours)}
    return replace(ADA, handed_in=times, **fields)


@pytest.mark.parametrize("hours", [-50.5, 0.0, 0.01, 71.0])
def test_the_latest_notebook_gives_the_time_of_a_student(hours: float) -> None:
    assert hours_after_due(at(hours)) == hours


def test_a_time_that_is_not_known_or_not_certain_is_left_out() -> None:
    one = at(1.0)
    assert hours_after_due(replace(one, handed_in={**one.handed_in, "03": None})) is None
    assert hours_after_due(replace(one, late=Late(doubt="two readings"))) is None
    assert hours_after_due(replace(one, due_at=None)) is None
    assert hours_after_due(replace(one, handed_in={})) is None


def test_hours_are_in_order_and_versions_are_counted() -> None:
    students = (at(5.0, versions=2), at(-3.0, versions=1), at(1.0, versions=2), ADA)
    found = hand_ins(replace(FOUND, students=students))
    assert found is not None
    assert found.hours == (-3.0, 1.0, 5.0)
    assert found.by_versions == ((1, 1), (2, 2))


def test_without_times_and_versions_there_is_nothing_to_show() -> None:
    assert hand_ins(replace(FOUND, students=(ADA,))) is None


def test_late_days_are_counted_by_started_days() -> None:
    students = tuple(
        replace(ADA, late=late)
        for late in (
            Late(), Late(), Late(days=2, free=2, days_left=1),
            Late(days=4, free=1, points_off=7.5, days_left=0), Late(doubt="no time"),
        )
    )  # fmt: skip
    found = late_days(replace(FOUND, students=students, late_days=3))
    assert found.by_days == ((0, 2), (2, 1), (4, 1))
    assert (found.students_late, found.on_time, found.unknown) == (2, 2, 1)
    assert (found.points_off, found.used_up, found.allowance) == (7.5, 1, 3)


def test_without_a_due_date_nobody_is_late() -> None:
    found = late_days(replace(FOUND, students=(replace(ADA, due_at=None),)))
    assert not found.has_due_date
    assert (found.students_late, found.unknown, found.by_days) == (0, 0, ())
