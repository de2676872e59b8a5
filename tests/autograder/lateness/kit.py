"""Hand-ins for tests of policies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from autograder.lateness.policy import HandIn

DUE = datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
MICROSECOND = timedelta(microseconds=1)


def hand_in(
    late_by: timedelta | None,
    assignment: str = "conv",
    notebook: str = "01_convolution",
    due: datetime | None = DUE,
    points: float = 8.0,
    margin: timedelta = timedelta(0),
) -> HandIn:
    """A hand-in of Ada, ``late_by`` after ``due``; a time that is not known is None."""
    time = None if late_by is None else (due or DUE) + late_by
    return HandIn("ada", assignment, notebook, time, due, points, 10.0, margin)
