"""A mapping file: names of a download, with the student's id and, if you like, the time."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from autograder.collect.download import RecordedTime
from autograder.errors import UsageError
from autograder.files.hand_in_time import ZONE_MARGIN, read_time

_MAX_MB = 16
_COLUMNS = {
    "name": ("name", "download", "file", "folder"),
    "student": ("student", "id", "student_id"),
    "time": ("time", "submitted_at", "handed_in_at", "timestamp"),
}


@dataclass(frozen=True)
class MapFile:
    """Students and times by the name that a download uses, or by the student's id."""

    students: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, RecordedTime] = field(default_factory=dict)


def read_map_file(path: Path) -> MapFile:
    """The content of a CSV file with the columns ``name``, ``student`` and ``time``.

    A row needs a name or a student. Raises UsageError if the file cannot be used, with the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > _MAX_MB << 20:
        raise UsageError(f"{path} is larger than {_MAX_MB} MB")
    text = _decoded(data)
    head = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: dict[str, int] = {}
    students: dict[str, str] = {}
    times: dict[str, RecordedTime] = {}
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns = _columns(cells, path)
                continue
            values = {
                name: cells[index] if index < len(cells) else "" for name, index in columns.items()
            }
            name, student = values.get("name", ""), values.get("student", "")
            where = f"{path}, line {rows.line_num}"
            if not name and not student:
                raise UsageError(f"{where}: it names no student")
            if name and student and students.setdefault(name, student) != student:
                raise UsageError(f"{where}: {name!r} has another student in a line above")
            if values.get("time"):
                times[student or name] = _time(values["time"], where)
    except csv.Error as error:
        raise UsageError(f"{path}, line {rows.line_num}: {error}") from error
    if not columns:
        raise UsageError(f"{path} is empty")
    return MapFile(students, times)


def _columns(cells: list[str], path: Path) -> dict[str, int]:
    lower = [cell.casefold() for cell in cells]
    found = {
        name: lower.index(title)
        for name, titles in _COLUMNS.items()
        for title in titles
        if title in lower
    }
    if "student" not in found and not {"name", "time"} <= found.keys():
        raise UsageError(f"{path}: its first line must name the columns: name,student[,time]")
    return found


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _time(text: str, where: str) -> RecordedTime:
    time = read_time(text.encode())
    if time.when is None:
        raise UsageError(f"{where}: {text!r} is no time; write 2026-10-01 23:59 Europe/Berlin")
    if time.margin == ZONE_MARGIN:
        return RecordedTime(text, local=time.when)
    return RecordedTime(text, utc=time.when.replace(tzinfo=UTC))
