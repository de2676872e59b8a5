"""The time of a hand-in, from ``timestamp.txt``, and doubts about it.

Exchanges, LMS scripts and people write this file in many formats. A time with two readings is never
guessed: it is unknown, the notes say so, and the submission counts neither as late nor as on time.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from dateutil import parser, tz

FILE = "timestamp.txt"
_MAX_BYTES = 400
_MAX_QUOTED = 60
_EARLIEST = datetime(2000, 1, 1)
_SLACK = timedelta(days=1)  # seconds that a clock may be ahead
ZONE_MARGIN = timedelta(hours=14)  # the largest offset of a zone from UTC

# Abbreviations that stand for only one zone. PST, IST, CST and many others stand for several.
OFFSETS_H = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
}  # fmt: skip
_EPOCH = re.compile(r"\d{1,7}|\d{9,11}(\.\d{1,9})?|\d{12,14}")
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})\b")
_YEAR_FIRST = re.compile(r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{8}T?")
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}|T\d{4}|\d\s*[ap]\.?m\b", re.IGNORECASE)
_PARTS = re.compile(
    r"(?P<stamp>.*\d(?:\s*[ap]\.?m\b\.?)?)\s*(?P<zone>[A-Za-z_]+(?:/[A-Za-z_+-]+)*)?", re.IGNORECASE
)


@dataclass(frozen=True)
class HandInTime:
    """A time of hand-in. ``when`` is naive UTC, as nbgrader stores it, or None if it is unknown.

    ``doubt`` is a sentence about an unclear time, for students and instructors. ``margin`` is the
    possible error of ``when``.
    """

    when: datetime | None = None
    doubt: str = ""
    margin: timedelta = timedelta(0)

    def is_late(self, due: datetime | None) -> bool | None:
        """Whether the time is after ``due`` (naive UTC); None if that is unknown."""
        if due is None:
            return False
        if self.when is None or abs(self.when - due) < self.margin:
            return None
        return self.when > due


def hand_in_time(folder: Path) -> HandInTime:
    """The time in the file of a submission's folder; without a file, no time and no doubt."""
    path = folder / FILE
    try:
        if path.is_symlink() or not path.is_file():
            return HandInTime()
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except OSError as error:
        return HandInTime(doubt=f"{FILE} cannot be read ({error.strerror}){_UNKNOWN}")
    return read_time(data)


def read_time(data: bytes, now: datetime | None = None) -> HandInTime:
    """The time in a file with these bytes; ``now`` is naive UTC, for times in the future."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = " ".join(data.decode(encoding, errors="replace").replace("\0", " ").split())
    if not text:
        return HandInTime(doubt=f"{FILE} is empty{_UNKNOWN}")
    found = _read(text)
    if found.when is None:
        return found
    latest = (now or datetime.now(UTC).replace(tzinfo=None)) + _SLACK
    if not _EARLIEST <= found.when <= latest:
        side = "in the future" if found.when > latest else f"before {_EARLIEST.year}"
        return _unknown(text, f"is a time {side}")
    return found


_UNKNOWN = ": when this was handed in is not known"


def _unknown(text: str, why: str) -> HandInTime:
    quoted = text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + "..."
    return HandInTime(doubt=f"{FILE} says “{quoted}”, which {why}{_UNKNOWN}")


def _read(text: str) -> HandInTime:
    if _EPOCH.fullmatch(text):
        number = float(text)
        seconds = number / 1000 if number >= 1e11 else number
        return HandInTime(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None))
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return _unknown(text, "is no date and time")
    stamp, name = parts["stamp"], parts["zone"] or ""
    day_first = False
    numeric = _NUMERIC.match(stamp)
    if numeric is not None and not _YEAR_FIRST.match(stamp):
        first, second = int(numeric[1]), int(numeric[2])
        if len(numeric[3]) == 2 or (first != second and max(first, second) <= 12):
            return _unknown(text, "can be read as several dates")
        day_first = first > 12
    if not _TIME_OF_DAY.search(stamp):
        return _unknown(text, "names no time of day")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # dateutil warns about unknown zones
            local = parser.parse(stamp, dayfirst=day_first, yearfirst=not day_first)
    except (ValueError, OverflowError, TypeError):
        return _unknown(text, "is no date and time")
    if local.tzinfo is not None and not name:
        return HandInTime(_utc(local))
    if not name:
        doubt = f"{FILE} says “{text}”, which names no time zone: it was read as UTC"
        return HandInTime(local, doubt, ZONE_MARGIN)
    zone = _zone(name)
    if zone is None or local.tzinfo is not None:
        return _unknown(
            text, f"names the time zone {name}, which is unknown or has several meanings"
        )
    if tz.datetime_ambiguous(local, zone) or not tz.datetime_exists(local, zone):
        return _unknown(text, "is an hour in which the clocks change")
    return HandInTime(_utc(local.replace(tzinfo=zone)))


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC).replace(tzinfo=None)


def _zone(name: str) -> tzinfo | None:
    """The zone with a name such as ``Europe/Berlin`` or ``CEST``; None if it is not one zone."""
    if name.upper() in OFFSETS_H:
        return timezone(timedelta(hours=OFFSETS_H[name.upper()]))
    return tz.gettz(name) if "/" in name else None
