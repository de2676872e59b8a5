"""nbgrader's own layouts.

- ``STUDENT/ASSIGNMENT/...`` with ``timestamp.txt``: the folder ``submitted``.
- ``STUDENT+ASSIGNMENT+2026-10-01 21:59:58.123456 UTC+RANDOM/...``: the exchange's ``inbound``.
- ``downloaded/ASSIGNMENT/archive`` and ``extracted`` of ``nbgrader zip_collect``, with names such
  as ``ps1_bitdiddle_attempt_2016-01-30-15-00-00_problem1.ipynb``. The pattern of the course's
  ``c.FileNameCollectorPlugin.named_regexp`` is used if there is one, else the documentation's.

Documented in nbgrader's user guide, "Managing assignment files manually", and in "Collect files
plugin".
"""

from __future__ import annotations

import re
from datetime import UTC
from itertools import pairwise

from dateutil import parser

from autograder.collect.download import (
    Claim,
    Download,
    DownloadedFile,
    HandIn,
    Left,
    RecordedTime,
    Sorted,
    grouped,
)
from autograder.collect.layouts.layout import Class, Layout, is_clutter
from autograder.files.hand_in_time import FILE as TIMESTAMP
from autograder.files.hand_in_time import ZONE_MARGIN, read_time

_DOCUMENTED = r"[^/]*?_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>.*)"
_DASHES = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
_MISSING = f"{TIMESTAMP} is missing: when this was handed in is not known"


class Nbgrader(Layout):
    """The folders of nbgrader."""

    name = "nbgrader"
    title = "nbgrader"

    def marks(self, path: str, about: Class) -> bool:
        parts = path.split("/")
        for student, part in pairwise(parts[:-1]):
            if part == about.assignment and (about.knows(student) or not about.has_roster):
                return True
        return any(_exchange(part) for part in parts[:-1]) or _named(path, about) is not None

    def sort(self, download: Download, about: Class) -> Sorted:
        found: list[tuple[str, DownloadedFile, str]] = []
        students: dict[str, str] = {}
        times: dict[str, RecordedTime] = {}
        left: list[Left] = []
        stamps: dict[str, DownloadedFile] = {}
        for file in download.files:
            if is_clutter(file.path):
                continue
            parts = file.parts
            inbound = next((n for n, part in enumerate(parts[:-1]) if _exchange(part)), None)
            named = _named(file.path, about)
            folder = next(
                (n for n, part in enumerate(parts[:-1]) if n and part == about.assignment), None
            )
            if inbound is not None:
                student, assignment, time = _exchange(parts[inbound]) or ("", "", RecordedTime())
                if assignment != about.assignment:
                    left.append(Left(file.path, f"belongs to the assignment {assignment}"))
                    continue
                key, name = parts[inbound], "/".join(parts[inbound + 1 :])
                students[key], times[key] = student, time
            elif named is not None:
                student, name, time = named
                key = f"{student}/{time.text}"
                students[key], times[key] = student, time
            elif folder is not None and parts[folder - 1] != "downloaded":
                key, name = "/".join(parts[: folder + 1]), "/".join(parts[folder + 1 :])
                students[key] = parts[folder - 1]
            else:
                left.append(Left(file.path, f"in no folder of a student and {about.assignment}"))
                continue
            if name == TIMESTAMP:
                stamps[key] = file
            else:
                found.append((key, file, name))
        hand_ins = []
        for key, files in grouped(found).items():
            claim = Claim(students[key], (students[key],), proposed_id=students[key])
            time = times.get(key) or _stamped(stamps.get(key))
            hand_ins.append(HandIn(claim, tuple(files), time))
        return Sorted(tuple(hand_ins), tuple(left))


def _index(parts: tuple[str, ...], assignment: str) -> int | None:
    """The place of the assignment's folder, below another one."""
    return next((n for n, part in enumerate(parts) if n and part == assignment), None)


def _exchange(part: str) -> tuple[str, str, RecordedTime] | None:
    """Student, assignment and time from ``STUDENT+ASSIGNMENT+TIME+RANDOM``."""
    for count in (3, 2):
        pieces = part.rsplit("+", count)
        if len(pieces) == count + 1:
            try:
                when = parser.parse(pieces[2])
            except (ValueError, OverflowError):
                continue
            if when.tzinfo is None:
                when = when.replace(tzinfo=UTC)  # nbgrader writes UTC
            return pieces[0], pieces[1], RecordedTime(pieces[2], utc=when.astimezone(UTC))
    return None


def _named(path: str, about: Class) -> tuple[str, str, RecordedTime] | None:
    """Student, file and time from a name that fits the pattern of the course."""
    last = path.rsplit("/", 1)[-1]
    for text in (last, path):
        try:
            match = re.match(about.naming or _DOCUMENTED, text)
        except re.error:
            return None
        groups = match.groupdict() if match else {}
        if groups.get("student_id") and groups.get("file_id"):
            stem, dot, ending = last.rpartition(".")
            name = str(groups["file_id"])
            if dot and stem and not name.endswith(f".{ending}"):
                name += f".{ending}"
            return str(groups["student_id"]), name, _time_in(groups.get("timestamp") or "")
    return None


def _time_in(text: str) -> RecordedTime:
    match = _DASHES.fullmatch(text)
    try:
        text_of_time = "{}-{}-{} {}:{}:{}".format(*match.groups()) if match else text
        when = parser.parse(text_of_time)
    except (ValueError, OverflowError, TypeError):
        return RecordedTime(text, reason="the file's name holds no time of hand-in")
    if when.tzinfo is not None:
        return RecordedTime(text, utc=when.astimezone(UTC))
    return RecordedTime(text, local=when)


def _stamped(file: DownloadedFile | None) -> RecordedTime:
    return RecordedTime(reason=_MISSING) if file is None else stamp_time(file)


def stamp_time(file: DownloadedFile) -> RecordedTime:
    """The time in a ``timestamp.txt``."""
    try:
        with file.content.open("rb") as opened:
            data = opened.read(400)
    except OSError as error:
        return RecordedTime(reason=f"{TIMESTAMP} cannot be read ({error.strerror})")
    time = read_time(data)
    text = " ".join(data.decode(errors="replace").split())
    if time.when is None:
        return RecordedTime(text, reason=time.doubt)
    if time.margin == ZONE_MARGIN:
        return RecordedTime(text, local=time.when)
    return RecordedTime(text, utc=time.when.replace(tzinfo=UTC), margin=time.margin)
