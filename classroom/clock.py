"""The time, and the days and the deadline of a competition."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime, zone: str) -> date:
    """Return the calendar day of a moment in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def next_day_at(moment: datetime, zone: str) -> datetime:
    """Return the start of the next calendar day after ``moment``, in UTC.

    A day lasts 23 or 25 hours when clocks change. If the change skips midnight, the new day begins
    at the change.
    """
    following = day_of(moment, zone) + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def seconds_until(later: datetime, moment: datetime) -> int:
    """Return whole seconds from ``moment`` to ``later``, rounded up, at least one."""
    return max(1, math.ceil((later - moment).total_seconds()))


def has_opened(moment: datetime, opens_at: datetime | None) -> bool:
    """Return whether a competition that opens at ``opens_at`` has begun."""
    return opens_at is None or moment >= opens_at


def has_closed(moment: datetime, closes_at: datetime | None) -> bool:
    """Return whether the deadline has passed; the whole second of ``closes_at`` is in time."""
    return closes_at is not None and moment >= closes_at + timedelta(seconds=1)
