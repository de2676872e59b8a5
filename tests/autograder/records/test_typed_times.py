from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autograder.errors import UsageError
from autograder.records.typed_times import read_duration, read_typed_time

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 10, 1, 21, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01 23:59",
        " 2026-10-01T23:59 ",
        "2026-10-01 23:59:00",
        "2026-10-01T23:59+02:00",
        "2026-10-01T23:59+0200",
        "2026-10-01 17:59 -04:00",
        "2026-10-01 23:59 Europe/Berlin",
        "2026-10-01 23:59 CEST",
        "2026-10-01T21:59Z",
        "2026-10-01 21:59 UTC",
        "2026-10-01 21:59 utc",
        "2026-10-01 18:59 America/Argentina/Buenos_Aires",
        "2026-10-01 16:59 Etc/GMT+5",
        "2026-10-1 23:59",
    ],
)
def test_a_time_is_read_in_its_own_zone_or_in_the_zone_of_the_course(text: str) -> None:
    assert read_typed_time(text, BERLIN) == AT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-01", "names no time of day: write it as 2026-10-01 23:59"),
        ("2026-10-01 Europe/Berlin", "names no time of day"),
        ("2026-10-01+02:00", "names no time of day"),
        ("01/10/2026 23:59", "cannot be read as a time"),
        ("tomorrow", "cannot be read as a time"),
        ("", "cannot be read as a time"),
        ("2026-10-01 23:59 Europe/Berlin and more", "cannot be read as a time"),
        ("٢٠٢٦-10-01 23:59", "cannot be read as a time"),
        ("2026-02-30 23:59", "no such day or hour"),
        ("2026-10-01 24:00", "no such day or hour (a day ends at 23:59)"),
        ("2026-13-01 10:00", "no such day or hour"),
        ("0026-10-01 23:59", "is not from 2000 to 2199"),
        ("2026-10-01 23:59+25:00", "which no time zone has"),
        ("2026-10-01 23:59 Europe/Berln", "did you mean Europe/Berlin?"),
        ("2026-10-01 23:59 PST", "the time zone 'PST' is not known"),
    ],
)
def test_a_time_that_cannot_be_read_is_refused_with_advice(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_typed_time(text, BERLIN)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "zone", "choices"),
    [
        (
            "2026-10-25 02:30",
            "Europe/Berlin",
            ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ),
        (
            "2026-03-29 02:30",
            "Europe/Berlin",
            ("2026-03-29T03:30+02:00", "2026-03-29T01:30+01:00"),
        ),
        (
            "2026-11-01 01:30",
            "America/Los_Angeles",
            ("2026-11-01T01:30-07:00", "2026-11-01T01:30-08:00"),
        ),
    ],
)
def test_an_hour_in_which_clocks_change_is_refused_with_both_readings(
    text: str, zone: str, choices: tuple[str, str]
) -> None:
    with pytest.raises(UsageError) as refused:
        read_typed_time(text, ZoneInfo(zone))
    assert str(refused.value).endswith(" or ".join(choices))
    for choice in choices:
        assert read_typed_time(choice, UTC).utcoffset() is not None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2d", 48),
        ("36h", 36),
        ("90m", 1.5),
        ("1w", 168),
        ("1d 12h", 36),
        ("1d12h", 36),
        ("1.5 days", 36),
        ("1 day, 30 minutes", 24.5),
        ("2 HOURS", 2),
    ],
)
def test_a_duration_is_read_in_weeks_days_hours_and_minutes(text: str, hours: float) -> None:
    assert read_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["", "2", "d", "-2d", "0d", "2 months", "2d later", "9999d", "1e3d"]
)
def test_a_duration_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="duration"):
        read_duration(text)
