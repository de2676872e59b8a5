"""The calculated numbers of the term against numbers that were computed by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.term.expected import bills, grades
from tests.term.people import (
    DUE,
    EARLY,
    LATER,
    NOTEBOOKS,
    ON_CLASSROOM,
    ON_GRADESCOPE,
    ON_MOODLE,
    State,
    utc,
)

# Days late, late days used, points off, and the total in the end.
BY_HAND = {
    ("ada", "week1"): (2, 2, 0.0, 7.0),
    ("ada", "week2"): (2, 1, 1.375, 4.125),  # 5.5 points, one of two days costs 25 %
    ("0042", "week1"): (0, 0, 0.0, 4.5),
    ("0042", "week2"): (5, 3, 4.0, 4.0),
    ("chloe.m", "week1"): (0, 0, 0.0, 5.5),
    ("chloe.m", "week2"): (0, 0, 0.0, 7.0),
    ("Dan", "week1"): (4, 3, 0.75, 2.25),
    ("Dan", "week2"): (0, 0, 0.0, None),
    ("eve", "week1"): (0, 0, 0.0, 5.0),
    ("eve", "week2"): (1, 1, 0.0, 6.0),
    ("lior", "week1"): (0, 0, 0.0, None),
    ("lior", "week2"): (1, 1, 0.0, 0.5),
    ("zoe", "week1"): (0, 0, 0.0, 0.0),
    ("zoe", "week2"): (0, 0, 0.0, 0.0),
}
LEFT = {"ada": 0, "0042": 0, "chloe.m": 3, "Dan": 0, "eve": 2, "lior": 2, "zoe": 3}


@pytest.fixture
def state() -> State:
    """The facts at the end of the term."""
    state = State(is_mended=True, graded_by_hand=set(NOTEBOOKS))
    for works in (EARLY, LATER, ON_MOODLE, ON_GRADESCOPE, ON_CLASSROOM):
        state.hand_in(*works)
    state.due["0042", "week1"] = DUE["week1"] + timedelta(days=2)
    state.due["eve", "week2"] = utc("04-13 10:00:00")
    state.due["Dan", "week1"] = DUE["week1"] + timedelta(days=1)
    return state


def test_the_calculated_numbers_are_those_by_hand(state: State) -> None:
    found = {
        place: (one.days_late, one.days_used, float(one.off), one.total)
        for place, one in grades(state).items()
    }
    assert found == BY_HAND
    assert {student: one.left for student, one in bills(state).items()} == LEFT


def test_before_the_mended_check_and_the_last_extension(state: State) -> None:
    state.is_mended = False
    del state.due["Dan", "week1"]
    found = grades(state)
    assert found["ada", "week1"].total == 5  # half for even numbers only
    dan = found["Dan", "week1"]
    assert (dan.days_late, dan.days_used, dan.off, dan.total) == (5, 3, 1.5, 1.5)


def test_the_days_of_ada_would_be_three_by_the_clock_on_the_wall(state: State) -> None:
    """The term tells apart elapsed time and times of walls."""
    late = next(work for work in LATER if work.person.id == "ada")
    assert timedelta(days=1) < late.at - DUE["week1"] < timedelta(days=2)
    assert late.at - DUE["week1"] + timedelta(hours=1) > timedelta(days=2)
