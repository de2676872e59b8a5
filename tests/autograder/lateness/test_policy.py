from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
