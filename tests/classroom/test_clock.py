"""Days, deadlines and quotas, where clocks are difficult."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.clock import day_of, has_closed, has_opened, next_day_at, seconds_until
from tests.classroom.world import PICTURES, World, assert_problem, file_with, half_right

BERLIN = ZoneInfo("Europe/Berlin")


def different_file(number: int) -> bytes:
    return file_with(np.arange(PICTURES) < number)


@pytest.mark.parametrize(
    ("zone", "moment", "following", "hours"),
    [
        ("Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T22:00Z", 23),  # clocks go forward
        ("Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T23:00Z", 25),  # clocks go back
        ("Africa/Cairo", "2024-04-24T22:00Z", "2024-04-25T22:00Z", 24),  # midnight is skipped
        ("America/Havana", "2024-11-02T04:00Z", "2024-11-03T04:00Z", 24),  # midnight comes twice
        ("Asia/Kolkata", "2026-05-05T18:30Z", "2026-05-06T18:30Z", 24),
    ],
)
def test_a_day_lasts_as_long_as_the_clocks_there_say(
    zone: str, moment: str, following: str, hours: int
) -> None:
    begins, ends = datetime.fromisoformat(moment), datetime.fromisoformat(following)
    assert next_day_at(begins, zone) == ends
    assert ends - begins == timedelta(hours=hours)
    assert day_of(begins, zone) != day_of(begins - timedelta(seconds=1), zone)


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/Havana", "Africa/Cairo", "Pacific/Apia", "UTC"]),
)
def test_the_next_day_begins_at_its_first_moment(moment: datetime, zone: str) -> None:
    following = next_day_at(moment, zone)
    assert moment < following <= moment + timedelta(hours=49)  # Apia once left out a whole day
    assert day_of(following, zone) > day_of(moment, zone)
    assert day_of(following - timedelta(microseconds=1), zone) <= day_of(moment, zone)


def test_the_second_of_the_deadline_is_in_time_and_the_next_is_not() -> None:
    closes_at = datetime(2026, 12, 1, 23, 59, 59, tzinfo=BERLIN)
    assert not has_closed(closes_at, closes_at)
    assert not has_closed(closes_at + timedelta(microseconds=999_999), closes_at)
    assert has_closed(closes_at + timedelta(seconds=1), closes_at)
    assert has_opened(closes_at, closes_at)
    assert not has_opened(closes_at - timedelta(microseconds=1), closes_at)
    assert has_opened(closes_at, None)
    assert not has_closed(closes_at, None)


def test_seconds_are_rounded_up_and_at_least_one() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert seconds_until(noon + timedelta(seconds=1.2), noon) == 2
    assert seconds_until(noon, noon) == 1


def test_submissions_before_the_opening_and_after_the_deadline_are_refused(world: World) -> None:
    opens_at = world.now + timedelta(hours=1)
    closes_at = opens_at + timedelta(hours=1)
    world.competition(opens_at=opens_at, closes_at=closes_at)
    token = world.student()
    assert_problem(world.submit(token, different_file(1)), 403)
    world.now = opens_at
    world.taken(token, different_file(1))
    world.now = closes_at + timedelta(microseconds=999_999)
    world.taken(token, different_file(2))
    world.now = closes_at + timedelta(seconds=1)
    body = assert_problem(world.submit(token, different_file(3)), 409)
    assert body["detail"] == "The competition closed at 2026-03-10 14:00:00 UTC."


def test_the_quota_is_new_at_midnight_of_the_competition(world: World) -> None:
    world.competition(daily_limit=2, time_zone="Europe/Berlin")
    token = world.student()
    world.now = datetime(2026, 3, 10, 23, 59, 58, tzinfo=BERLIN).astimezone(UTC)
    assert world.taken(token, different_file(1))["submissions_left_today"] == 1
    assert world.taken(token, different_file(2))["submissions_left_today"] == 0
    world.later(seconds=1)
    refused = world.submit(token, different_file(3))
    assert_problem(refused, 429)
    assert refused.headers["retry-after"] == "1"
    world.later(seconds=1)
    assert world.taken(token, different_file(3))["submissions_left_today"] == 1


@pytest.mark.parametrize(
    ("day", "wait"), [(date(2026, 3, 29), 23 * 3600), (date(2026, 10, 25), 25 * 3600)]
)
def test_the_quota_holds_for_a_day_with_a_change_of_clocks(
    small_world: World, day: date, wait: int
) -> None:
    small_world.competition(daily_limit=1, time_zone="Europe/Berlin")
    token = small_world.student()
    small_world.now = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    small_world.taken(token, different_file(1))
    refused = small_world.submit(token, different_file(2))
    assert refused.headers["retry-after"] == str(wait)
    small_world.later(seconds=wait - 1)
    assert_problem(small_world.submit(token, different_file(2)), 429)
    small_world.later(seconds=1)
    small_world.taken(token, different_file(2))


def test_a_clock_that_is_set_back_gives_no_second_quota_and_locks_nobody_out(world: World) -> None:
    world.competition(daily_limit=1)
    token = world.student()
    world.now = datetime(2026, 3, 10, 23, 59, tzinfo=UTC)
    world.taken(token, different_file(1))
    world.later(minutes=2)
    world.taken(token, different_file(2))
    world.later(minutes=-2)  # the 10th again
    assert_problem(world.submit(token, different_file(3)), 429)
    world.later(minutes=2)
    assert_problem(world.submit(token, different_file(3)), 429)
    world.later(days=-300)  # somebody set a wrong year, and then the right one
    world.taken(token, different_file(4))
    world.later(days=301)
    world.taken(token, different_file(5))


def test_with_a_clock_that_is_set_back_the_earlier_of_two_equals_still_wins(world: World) -> None:
    world.competition()
    right = half_right(world.public(), 10, 10)
    first = world.taken(world.student(), file_with(right))
    world.later(hours=-2)
    second = world.taken(world.student(), file_with(right))
    assert (first["rank"], second["rank"]) == (1, 2)
    world.finalize()
    ranks = [entry["rank"] for entry in world.board()]
    assert ranks == [1, 2]
    times = [entry["submitted_at"] for entry in world.board()]
    assert times == ["2026-03-10T12:00:00Z", "2026-03-10T10:00:00Z"]


def test_refused_files_and_duplicates_do_not_use_the_quota(world: World) -> None:
    world.competition(daily_limit=1)
    token = world.student()
    for _ in range(3):
        assert_problem(world.submit(token, b"junk"), 422)
    world.taken(token, different_file(1))
    assert world.taken(token, different_file(1))["status"] == "duplicate"
    assert_problem(world.submit(token, b"junk"), 422)
    assert_problem(world.submit(token, different_file(2)), 429)
