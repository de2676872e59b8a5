from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.files.hand_in_time import HandInTime, read_time
from autograder.records.lateness import Lateness, lateness

DUE = datetime(2026, 2, 1, 9)


def found(
    recorded: datetime | None,
    due: datetime | None = DUE,
    time: HandInTime | None = None,
    penalty: float | None = None,
) -> Lateness:
    notebook: Any = SimpleNamespace(late_submission_penalty=penalty)
    submission: Any = SimpleNamespace(timestamp=recorded, duedate=due, notebooks=[notebook])
    return lateness(submission, notebook, time or HandInTime(recorded))


def test_a_hand_in_on_time_needs_no_remark() -> None:
    on_time = found(DUE)
    assert (on_time.is_late, on_time.short, on_time.remark) == (False, "on time", "")
    assert on_time.when == "1 February 2026, 09:00 UTC"
    assert on_time.handed_in_at == DUE.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=1), "1 minute late"),
        (timedelta(minutes=59), "59 minutes late"),
        (timedelta(hours=5), "5 hours late"),
        (timedelta(hours=5, seconds=1), "6 hours late"),
        (timedelta(days=2), "48 hours late"),
        (timedelta(days=2, seconds=1), "3 days late"),
    ],
)
def test_a_late_hand_in_says_how_late_in_started_units(span: timedelta, words: str) -> None:
    assert found(DUE + span).short == words


def test_a_late_hand_in_says_when_it_was_due_and_the_effect() -> None:
    late = found(DUE + timedelta(hours=5), penalty=3.5)
    assert late.remark == (
        "Handed in 5 hours late, 1 February 2026, 14:00 UTC. It was due 1 February 2026, 09:00 UTC."
        " 3.5 points were taken off."
    )
    assert found(DUE + timedelta(hours=5), penalty=1).effect == "1 point was taken off"
    assert found(DUE + timedelta(hours=5)).remark.endswith("No points were taken off.")


def test_a_time_that_cannot_be_read_is_told_and_is_not_on_time() -> None:
    unclear = found(None, time=read_time(b"02/03/2026 10:00"))
    assert unclear.is_late is None
    assert unclear.short == "not known whether on time"
    assert "which can be read as several dates" in unclear.remark
    assert "It counts neither as late nor as on time." in unclear.remark


def test_a_time_without_a_zone_near_the_due_date_is_not_on_time() -> None:
    time = read_time(b"2026-02-01 08:00:00")
    near = found(time.when, time=time)
    assert near.is_late is None
    assert "names no time zone" in near.remark
    # hours before the due date in every zone of the world
    assert found(time.when, DUE + timedelta(days=1), time).is_late is False


def test_a_missing_time_is_told_where_there_is_a_due_date() -> None:
    assert "timestamp.txt is missing" in found(None).remark
    without = found(None, due=None)
    assert (without.remark, without.short, without.when) == ("", "", "time not known")
