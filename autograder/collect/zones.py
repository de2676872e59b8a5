"""Times of a download as times of hand-in: with a zone, a margin and a doubt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil import tz

from autograder.collect.download import HandIn, RecordedTime
from autograder.files.hand_in_time import ZONE_MARGIN, HandInTime

_EARLIEST = datetime(2000, 1, 1)
_SLACK = timedelta(days=1)  # seconds that a clock may be ahead


def hand_in_time(time: RecordedTime, zone: ZoneInfo | None, now: datetime) -> HandInTime:
    """The time of a hand-in. ``zone`` is the zone of local times, None if nobody named one.

    ``now`` is naive UTC. A time in the future is not known.
    """
    found = _read(time, zone)
    if found.when is None or _EARLIEST <= found.when <= now + _SLACK:
        return found
    side = "in the future" if found.when > now else f"before {_EARLIEST.year}"
    doubt = f"the download says “{time.text}”, which is a time {side}"
    return HandInTime(doubt=f"{doubt}: when this was handed in is not known")


def by_file_times(hand_in: HandIn) -> RecordedTime:
    """The time of the newest file of a hand-in as its time."""
    newest = hand_in.newest
    if newest.utc_time is not None:
        return RecordedTime(f"{newest.utc_time:%Y-%m-%d %H:%M:%S} UTC", utc=newest.utc_time)
    if newest.local_time is not None:
        margin = timedelta(seconds=2)  # a zip stores even seconds
        text = f"{newest.local_time:%Y-%m-%d %H:%M:%S}"
        return RecordedTime(text, local=newest.local_time, margin=margin)
    return RecordedTime(reason="its files have no time")


def _read(time: RecordedTime, zone: ZoneInfo | None) -> HandInTime:
    if time.utc is not None:
        return HandInTime(_naive(time.utc), time.reason, time.margin)
    if time.local is None:
        return HandInTime(doubt=time.reason or "when this was handed in is not known")
    if zone is None:
        doubt = f"the download says “{time.text}” and names no time zone: it was read as UTC"
        return HandInTime(time.local, doubt, ZONE_MARGIN)
    first = _naive(time.local.replace(tzinfo=zone, fold=0))
    second = _naive(time.local.replace(tzinfo=zone, fold=1))
    if first == second:
        return HandInTime(first, time.reason, time.margin)
    kind = "exists twice" if tz.datetime_exists(time.local, zone) else "does not exist"
    doubt = (
        f"the download says “{time.text}”, an hour that {kind} in {zone.key}: it is "
        f"{first:%H:%M} or {second:%H:%M} UTC"
    )
    return HandInTime(min(first, second), doubt, abs(second - first) + time.margin)


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)
