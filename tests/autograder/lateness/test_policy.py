from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autograder.lateness.policy import HandIn

DUE = datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("handed_in_at", "due_at", "margin", "late_by"),
    [
        (DUE, DUE, 0 * HOUR, 0 * HOUR),
        (DUE - HOUR, DUE, 0 * HOUR, 0 * HOUR),
        (DUE + HOUR, DUE, 0 * HOUR, HOUR),
        (DUE + HOUR, DUE, 2 * HOUR, None),
        (DUE + 3 * HOUR, DUE, 2 * HOUR, 3 * HOUR),
        (None, DUE, 0 * HOUR, None),
        (None, None, 0 * HOUR, 0 * HOUR),
    ],
)
def test_a_hand_in_knows_how_late_it_is_or_that_nobody_knows(
    handed_in_at: datetime | None,
    due_at: datetime | None,
    margin: timedelta,
    late_by: timedelta | None,
) -> None:
    one = HandIn("ada", "conv", "01_convolution", handed_in_at, due_at, 3.0, 4.0, margin)
    assert one.late_by == late_by


def test_a_time_without_a_zone_is_refused() -> None:
    for handed_in_at, due_at in ((DUE.replace(tzinfo=None), DUE), (DUE, DUE.replace(tzinfo=None))):
        with pytest.raises(ValueError, match="names no time zone"):
            HandIn("ada", "conv", "n", handed_in_at, due_at, 1.0, 1.0)


def test_times_become_utc() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    one = HandIn("ada", "conv", "n", DUE.astimezone(berlin), DUE.astimezone(berlin), 1.0, 1.0)
    assert one.handed_in_at is not None and one.handed_in_at.tzinfo is UTC
    assert one == HandIn("ada", "conv", "n", DUE, DUE, 1.0, 1.0)


@pytest.mark.parametrize(("hours", "days"), [(-1, 0), (0, 0), (1, 1), (24, 1), (25, 2), (48, 2)])
def test_days_late_are_started_days(hours: int, days: int) -> None:
    assert HandIn("ada", "conv", "n", DUE + hours * HOUR, DUE, 1.0, 1.0).days_late == days
    assert HandIn("ada", "conv", "n", None, DUE, 1.0, 1.0).days_late == 0
