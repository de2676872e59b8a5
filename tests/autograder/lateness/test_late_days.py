from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autograder.lateness.late_days import LateDays
from autograder.lateness.policy import Charge, HandIn
from tests.autograder.lateness.kit import DAY, DUE, HOUR, MICROSECOND, hand_in

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("late_by", "charge"),
    [
        (-DAY, None),
        (-MICROSECOND, None),
        (0 * HOUR, None),
        (MICROSECOND, Charge(1, 1, 0.0)),
        (DAY, Charge(1, 1, 0.0)),
        (DAY + MICROSECOND, Charge(2, 2, 0.0)),
        (3 * DAY, Charge(3, 3, 0.0)),
        (3 * DAY + MICROSECOND, Charge(4, 3, 0.25)),
        (5 * DAY, Charge(5, 3, 0.5)),
        (7 * DAY, Charge(7, 3, 1.0)),
        (400 * DAY, Charge(400, 3, 1.0)),
        (None, None),
    ],
)
def test_started_days_are_free_at_first_and_then_cost_a_quarter(
    late_by: timedelta | None, charge: Charge | None
) -> None:
    found = LateDays().charges([hand_in(late_by)])
    assert found == ({} if charge is None else {("conv", "01_convolution"): charge})


def test_an_assignment_uses_the_days_of_its_latest_notebook() -> None:
    one = hand_in(4 * DAY, notebook="01_a")
    other = hand_in(2 * DAY, notebook="02_b")
    on_time = hand_in(-DAY, notebook="03_c")
    later = hand_in(DAY, "places", due=DUE + 20 * DAY)
    assert LateDays().charges([later, on_time, other, one]) == {
        ("conv", "01_a"): Charge(4, 3, 0.25),
        ("conv", "02_b"): Charge(2, 2, 0.0),
        ("places", "01_convolution"): Charge(1, 0, 0.25),
    }


def test_assignments_use_days_in_the_order_of_their_hand_ins_and_not_of_due_dates() -> None:
    first_due = hand_in(10 * DAY, "a")
    handed_in_first = hand_in(2 * DAY, "b", due=DUE + 2 * DAY)
    assert LateDays().charges([first_due, handed_in_first]) == {
        ("b", "01_convolution"): Charge(2, 2, 0.0),
        ("a", "01_convolution"): Charge(10, 1, 1.0),
    }


def test_equal_hand_ins_are_ordered_by_due_time_and_then_by_name() -> None:
    both = [hand_in(2 * DAY, name) for name in ("b", "a")]
    assert {k[0]: c.free_days for k, c in LateDays().charges(both).items()} == {"a": 2, "b": 1}
    other_due = [hand_in(2 * DAY, "b"), hand_in(DAY, "a", due=DUE + DAY)]
    free = {k[0]: c.free_days for k, c in LateDays().charges(other_due).items()}
    assert free == {"b": 2, "a": 1}
    same_moment = [
        HandIn("ada", name, "n", (DUE + 2 * DAY).astimezone(zone), DUE, 1.0, 1.0)
        for name, zone in (("b", UTC), ("a", BERLIN))
    ]
    assert {k[0]: c.free_days for k, c in LateDays().charges(same_moment).items()} == {
        "a": 2,
        "b": 1,
    }


def test_a_time_that_is_not_known_or_not_certain_uses_no_days_and_costs_nothing() -> None:
    unknown = hand_in(None, "a")
    doubtful = hand_in(10 * HOUR, "b", margin=14 * HOUR)
    certain = hand_in(15 * HOUR, "c", margin=14 * HOUR)
    no_due = hand_in(9 * DAY, "d", due=None)
    found = LateDays().charges([unknown, doubtful, certain, no_due])
    assert found == {("c", "01_convolution"): Charge(1, 1, 0.0)}


@pytest.mark.parametrize(
    ("due", "handed_in_at", "days"),
    [
        # the clocks go back on 25 October 2026 at 3:00: that day has 25 hours
        (datetime(2026, 10, 24, 23, 59), datetime(2026, 10, 25, 22, 59), 1),
        (datetime(2026, 10, 24, 23, 59), datetime(2026, 10, 25, 23, 0), 2),
        # and forward on 29 March 2026 at 2:00: that day has 23 hours
        (datetime(2026, 3, 28, 23, 59), datetime(2026, 3, 30, 0, 59), 1),
        (datetime(2026, 3, 28, 23, 59), datetime(2026, 3, 30, 1, 0), 2),
        # 2:30 comes twice
        (datetime(2026, 10, 25, 2, 30, fold=0), datetime(2026, 10, 25, 2, 30, fold=1), 1),
        (datetime(2026, 10, 25, 2, 30, fold=1), datetime(2026, 10, 25, 2, 30, fold=0), 0),
    ],
)
def test_days_are_24_elapsed_hours_also_where_the_clocks_change(
    due: datetime, handed_in_at: datetime, days: int
) -> None:
    one = HandIn(
        "ada",
        "conv",
        "n",
        handed_in_at.replace(tzinfo=BERLIN),
        due.replace(tzinfo=BERLIN),
        3.0,
        3.0,
    )
    assert one.days_late == days
    found = LateDays(allowance=0).charges([one])
    assert found == ({("conv", "n"): Charge(days, 0, 0.25 * days)} if days else {})


def test_a_fraction_is_the_decimal_number_that_a_person_expects() -> None:
    for tenths in range(1, 11):
        (charge,) = LateDays(0, 0.1).charges([hand_in(tenths * DAY)]).values()
        assert charge.fraction == float(f"{tenths / 10:.1f}")
    (charge,) = LateDays(0, 0.25).charges([hand_in(DAY, points=3.0)]).values()
    assert charge.fraction * 3.0 == 0.75


def test_without_late_days_or_without_a_penalty() -> None:
    assert LateDays(0, 1.0).charges([hand_in(HOUR)]) == {
        ("conv", "01_convolution"): Charge(1, 0, 1.0)
    }
    assert LateDays(1, 0.0).charges([hand_in(5 * DAY)]) == {
        ("conv", "01_convolution"): Charge(5, 1, 0.0)
    }
    assert LateDays().charges([]) == {}
