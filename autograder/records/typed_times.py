"""Times and durations that a person types: ``2026-10-01 23:59 Europe/Berlin`` and ``2d``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from autograder.errors import UsageError
from autograder.files.hand_in_time import OFFSETS_H

EXAMPLE = "2026-10-01 23:59"
_YEARS = range(2000, 2200)
_LONGEST = timedelta(days=3650)
_TIME = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[T ]\s*(?P<clock>\d{1,2}:\d{2}(?::\d{2})?))?"
    r"(?:\s*(?P<offset>[+-]\d{2}:?\d{2})|\s*(?P<zone>[A-Za-z][\w+/-]*))?",
    re.ASCII,
)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(weeks?|w|days?|d|hours?|h|minutes?|min|m)", re.ASCII)
_HOURS = {"w": 7 * 24.0, "d": 24.0, "h": 1.0, "m": 1 / 60}


def zone_named(name: str) -> tzinfo:
    """The zone with an IANA name, or with an abbreviation of only one zone.

    Raises UsageError if it is not known.
    """
    if name.upper() in OFFSETS_H:
        return timezone(timedelta(hours=OFFSETS_H[name.upper()]), name.upper())
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = get_close_matches(name, available_timezones(), n=1)
        hint = f"did you mean {close[0]}?" if close else "write a name such as Europe/Berlin"
        raise UsageError(f"the time zone {name!r} is not known: {hint}") from None


def read_typed_time(text: str, zone: tzinfo) -> datetime:
    """The time in a text, aware. ``zone`` counts if the text names no zone.

    Raises UsageError for a text with another form, without a time of day, or with an hour that does
    not exist or exists twice.
    """
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        raise UsageError(f"{text!r} cannot be read as a time: write it as {EXAMPLE}")
    if parts["clock"] is None:
        raise UsageError(
            f"{text!r} names no time of day: write it as {parts['date']} 23:59, for example"
        )
    form = "%Y-%m-%d %H:%M:%S" if parts["clock"].count(":") == 2 else "%Y-%m-%d %H:%M"
    try:
        local = datetime.strptime(f"{parts['date']} {parts['clock']}", form)
    except ValueError:
        raise UsageError(
            f"{text!r} is no time: there is no such day or hour (a day ends at 23:59)"
        ) from None
    if local.year not in _YEARS:
        raise UsageError(f"{text!r} is not from {_YEARS[0]} to {_YEARS[-1]}")
    if parts["offset"]:
        return _with_offset(local, parts["offset"], text)
    if parts["zone"]:
        zone = zone_named("UTC" if parts["zone"] in ("Z", "z") else parts["zone"])
    return _in_zone(local, zone)


def read_duration(text: str) -> timedelta:
    """The duration in a text such as ``2d``, ``36h``, ``90m`` or ``1d 12h``.

    Raises UsageError if there is none, or if it is not longer than 0.
    """
    plain = text.strip().lower()
    found = list(_PART.finditer(plain))
    if not found or _PART.sub("", plain).strip(" ,"):
        raise UsageError(f"{text!r} cannot be read as a duration: write it as 2d, 36h or 90m")
    hours = sum(float(one[1]) * _HOURS[one[2][0]] for one in found)
    if not 0 < hours <= _LONGEST / timedelta(hours=1):
        raise UsageError(f"{text!r} is no duration of more than 0 and at most {_LONGEST.days} days")
    return timedelta(seconds=round(hours * 3600))


def _with_offset(local: datetime, offset: str, text: str) -> datetime:
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 14 or minutes > 59:
        raise UsageError(f"{text!r} has the offset {offset}, which no time zone has")
    return local.replace(tzinfo=timezone(sign * timedelta(hours=hours, minutes=minutes)))


def _in_zone(local: datetime, zone: tzinfo) -> datetime:
    """A local time in a zone. Raises UsageError if it does not exist there, or exists twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
    why = (
        "exists twice there, because the clocks go back"
        if exists
        else "does not exist there, because the clocks go forward"
    )
    choices = " or ".join(
        one.astimezone(UTC).astimezone(zone).isoformat(timespec="minutes")
        for one in (first, second)
    )
    raise UsageError(f"{local:%Y-%m-%d %H:%M} {zone}: this hour {why}. Write {choices}")
