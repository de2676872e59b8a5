from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from autograder.files.hand_in_time import FILE, HandInTime, hand_in_time, read_time

NOW = datetime(2026, 11, 30)
AT_SIX = datetime(2026, 10, 2, 6, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"2026-10-02 06:00:00 UTC",
        b"\xef\xbb\xbf2026-10-02 06:00:00 UTC\r\n",
        "2026-10-02 06:00:00 UTC".encode("utf-16"),
        b"1790920800",
        b"1790920800.0",
        b"1790920800000\n",
        b"2026-10-02T06:00:00Z",
        b"20261002T060000Z",
        b"2026-10-02 08:00:00 +0200",
        b"2026-10-02 08:00:00+02:00",
        b"2026-10-02 08:00:00.000000 CEST",
        b"2026-10-02 08:00:00 Europe/Berlin",
        b"2026-10-01 23:00:00 America/Los_Angeles",
        b"Fri, 02 Oct 2026 06:00:00 GMT",
        b"2 October 2026 6:00 AM UTC",
        b"October 2, 2026 06:00 UTC",
    ],
)
def test_a_clear_time_is_read(data: bytes) -> None:
    assert read_time(data, NOW) == HandInTime(AT_SIX)


def test_numeric_dates_are_read_where_only_one_date_fits() -> None:
    expected = HandInTime(datetime(2026, 10, 22, 8, 0))
    for text in ("22.10.2026 08:00 UTC", "10/22/2026 08:00 UTC", "22/10/2026 08:00 GMT"):
        assert read_time(text.encode(), NOW) == expected
    assert read_time(b"10.10.2026 08:00 UTC", NOW).when == datetime(2026, 10, 10, 8, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "2026-10-01 23:30:00 PST",
            "names the time zone PST, which is unknown or has several meanings",
        ),
        ("2026-10-01 23:30:00 IST", "the time zone IST"),
        ("2026-10-01 23:30:00 Mars/Olympus", "the time zone Mars/Olympus"),
        ("02.10.2026 08:00 CEST", "can be read as several dates"),
        ("02/10/2026 08:00 UTC", "can be read as several dates"),
        ("10/2/26 08:00 UTC", "can be read as several dates"),
        ("26-10-02 08:00 UTC", "can be read as several dates"),
        ("2026-10-02", "names no time of day"),
        ("20261002", "names no time of day"),
        ("2026-10-25 02:30:00 Europe/Berlin", "an hour in which the clocks change"),
        ("2026-03-29 02:30:00 Europe/Berlin", "an hour in which the clocks change"),
        ("1970-01-01 00:00:00 UTC", "is a time before 2000"),
        ("0", "is a time before 2000"),
        ("2027-10-02 08:00:00 UTC", "is a time in the future"),
        ("99999999999", "is a time in the future"),
        ("yesterday-ish", "is no date and time"),
        ("2026-13-45 99:99 UTC", "is no date and time"),
        ("�" * 300, "is no date and time"),
    ],
)
def test_a_time_that_is_unclear_is_unknown_and_says_why(text: str, why: str) -> None:
    found = read_time(text.encode(), NOW)
    assert found.when is None
    assert why in found.doubt and found.doubt.endswith("when this was handed in is not known")
    assert len(found.doubt) < 250
    assert found.is_late(datetime(2026, 10, 1)) is None


def test_an_empty_file_says_so() -> None:
    for data in (b"", b" \n\t", b"\xef\xbb\xbf", b"\0\0"):
        assert "is empty" in read_time(data, NOW).doubt


def test_a_time_without_a_zone_is_read_as_utc_and_says_so() -> None:
    found = read_time(b"2026-10-02 06:00:00", NOW)
    assert (found.when, "names no time zone" in found.doubt) == (AT_SIX, True)
    assert found.is_late(AT_SIX - timedelta(hours=15)) is True
    assert found.is_late(AT_SIX + timedelta(hours=15)) is False
    assert found.is_late(AT_SIX - timedelta(hours=13)) is None


def test_without_a_due_date_nothing_is_late() -> None:
    assert HandInTime().is_late(None) is False
    assert HandInTime(AT_SIX).is_late(None) is False


def test_the_second_after_is_late_and_the_due_second_is_not() -> None:
    assert HandInTime(AT_SIX).is_late(AT_SIX) is False
    assert HandInTime(AT_SIX).is_late(AT_SIX - timedelta(seconds=1)) is True


def test_no_file_is_no_time_and_no_doubt(tmp_path: Path) -> None:
    assert hand_in_time(tmp_path) == HandInTime()
    (tmp_path / FILE).mkdir()
    assert hand_in_time(tmp_path) == HandInTime()


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"2026-10-02 06:00:00 UTC" + b" " * (1 << 20) + b"x")
    assert hand_in_time(tmp_path).when == AT_SIX
