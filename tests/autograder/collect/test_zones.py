from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autograder.collect.download import RecordedTime
from autograder.collect.zones import hand_in_time
from autograder.files.hand_in_time import ZONE_MARGIN, HandInTime

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 12, 1)


def read(local: datetime, zone: ZoneInfo | None = BERLIN) -> HandInTime:
    return hand_in_time(RecordedTime(f"{local}", local=local), zone, NOW)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (datetime(2026, 1, 15, 12), datetime(2026, 1, 15, 11)),
        (datetime(2026, 7, 15, 12), datetime(2026, 7, 15, 10)),
        (datetime(2026, 3, 29, 3), datetime(2026, 3, 29, 1)),
        (datetime(2026, 10, 25, 3), datetime(2026, 10, 25, 2)),
    ],
)
def test_a_local_time_is_read_in_its_zone(local: datetime, utc: datetime) -> None:
    assert read(local) == HandInTime(utc)


def test_an_hour_that_exists_twice_has_a_doubt_and_a_margin() -> None:
    time = read(datetime(2026, 10, 25, 2, 30))
    assert time.when == datetime(2026, 10, 25, 0, 30)
    assert time.margin == timedelta(hours=1)
    assert "exists twice in Europe/Berlin: it is 00:30 or 01:30 UTC" in time.doubt
    assert time.is_late(datetime(2026, 10, 25, 1)) is None
    assert time.is_late(datetime(2026, 10, 25, 12)) is False


def test_an_hour_that_does_not_exist_has_a_doubt() -> None:
    assert "does not exist" in read(datetime(2026, 3, 29, 2, 30)).doubt


def test_a_time_without_a_zone_may_be_off_by_any_zone() -> None:
    time = read(datetime(2026, 1, 15, 12), None)
    assert (time.when, time.margin) == (datetime(2026, 1, 15, 12), ZONE_MARGIN)
    assert "names no time zone" in time.doubt


def test_a_time_in_the_future_is_not_known() -> None:
    future = datetime(2027, 1, 1, tzinfo=UTC)
    time = hand_in_time(RecordedTime("2027", utc=future), None, NOW)
    assert time.when is None
    assert "in the future" in time.doubt


def test_a_missing_time_says_why() -> None:
    assert hand_in_time(RecordedTime(reason="no time there"), BERLIN, NOW).doubt == "no time there"
