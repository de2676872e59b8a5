"""Downloads of a class, written after the documented layouts of learning management systems."""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autograder.collect.collection import Choices, Collection
from autograder.collect.report import Report
from autograder.course.layout import Course
from autograder.people.person import Person
from autograder.received.store import Store
from tests.courses.pair import START, handed_in


@dataclass(frozen=True)
class Given:
    """The files of one person, and the time of the hand-in (naive UTC)."""

    person: Person
    files: Mapping[str, bytes]
    when: datetime
    is_late: bool = False
    number: int = field(default=0)


def zip_of(path: Path, entries: Sequence[tuple[str, bytes, datetime | None]]) -> Path:
    """A zip with these entries; a time is stored as it is, without a zone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, when in entries:
            time = when or datetime(1980, 1, 1)
            info = zipfile.ZipInfo(name, time.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def canvas(path: Path, hand_ins: Sequence[Given]) -> Path:
    """``lastnamefirstname_LATE_12345_67890_filename.ipynb``, as Canvas's content zipper names."""
    entries = []
    for number, given in enumerate(hand_ins):
        person = given.person
        sortable = f"{person.last_name}, {person.first_name}".lower()
        mark = ["LATE"] if given.is_late else []
        user = person.other_ids.get("canvas", str(7000 + number))
        start = re.sub(r"[^\w]", "", "_".join([sortable, *mark, user]))
        for place, (name, data) in enumerate(given.files.items()):
            shown = re.sub(r'[\x00/\\:*?"<>|]+', "_", name)
            entries.append((f"{start}_{90_000 + 10 * number + place}_{shown}", data, given.when))
    return zip_of(path, entries)


def moodle(path: Path, hand_ins: Sequence[Given], folders: bool = True, end: str = "_") -> Path:
    """``Ada Lovelace_12345_assignsubmission_file_/filename``, cleaned as Moodle does."""
    entries = []
    for number, given in enumerate(hand_ins):
        name = given.person.name.replace("_", " ")
        prefix = re.sub(r"[\x00-\x1f&<>\"`|':\\/]", "", f"{name}_{4200 + number}")
        for file, data in given.files.items():
            join = f"{end}/" if folders else "_"
            entries.append((f"{prefix}_assignsubmission_file{join}{file}", data, given.when))
    return zip_of(path, entries)


def gradescope(path: Path, hand_ins: Sequence[Given]) -> Path:
    """``assignment_123_export/submission_456/`` with ``submission_metadata.yml``."""
    lines, entries = ["---"], []
    for number, given in enumerate(hand_ins):
        folder = f"submission_{5600 + number}"
        person = given.person
        lines += [
            f"{folder}:",
            "  :submitters:",
            f"  - :name: {json.dumps(person.name)}",
            f"    :sid: {json.dumps(person.id)}",
            f"    :email: {json.dumps(person.email)}",
            f"  :created_at: {given.when:%Y-%m-%d %H:%M:%S.%f000} Z",
            "  :score: 0.0",
            "  :status: processed",
        ]
        for file, data in given.files.items():
            entries.append((f"assignment_123_export/{folder}/{file}", data, None))
    metadata = "\n".join([*lines, ""]).encode()
    start = ("assignment_123_export/submission_metadata.yml", metadata, None)
    return zip_of(path, [start, *entries])


def classroom(path: Path, hand_ins: Sequence[Given]) -> Path:
    """``Ada Lovelace - filename`` in a folder, as Google Drive packs it."""
    return zip_of(
        path,
        [
            (f"Two notebooks/{given.person.name} - {file.rpartition('/')[2]}", data, given.when)
            for given in hand_ins
            for file, data in given.files.items()
        ],
    )


def nbgrader(path: Path, hand_ins: Sequence[Given], assignment: str = "two") -> Path:
    """``STUDENT/ASSIGNMENT/filename`` with ``timestamp.txt``, as nbgrader collects."""
    for given in hand_ins:
        folder = path / given.person.id / assignment
        folder.mkdir(parents=True)
        for file, data in given.files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(data)
        (folder / "timestamp.txt").write_text(f"{given.when:%Y-%m-%d %H:%M:%S} UTC")
    return path


def plain(path: Path, hand_ins: Sequence[Given], named: bool = False) -> Path:
    """``ID/filename``, or ``Lastname, Firstname/filename``, with ``timestamp.txt``."""
    for given in hand_ins:
        person = given.person
        folder = path / (f"{person.last_name}, {person.first_name}" if named else person.id)
        for file, data in given.files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(data)
        (folder / "timestamp.txt").write_text(f"{given.when:%Y-%m-%d %H:%M:%S} UTC")
    return path


def decomposed(text: str) -> str:
    """The text as macOS writes names: letters and accents apart."""
    return unicodedata.normalize("NFD", text)


PEOPLE = (
    Person("ada", "Ada", "Lovelace", "ada@uni.edu", other_ids={"canvas": "1203"}),
    Person("u77", "Zoë", "O'Brien-Müller", "zoe@uni.edu"),
    Person("teller", "Teller", "", "t@uni.edu"),
    Person("[ab]*", "山田", "太郎", "yamada@uni.edu"),
    Person("007", "محمد", "علي", "m@uni.edu"),
    Person("a-b", "Jean-Luc", "de la Vallée, Jr.", "jl@uni.edu"),
)


def the_class(course: Course, people: Sequence[Person] = PEOPLE, late: int = 2) -> list[Given]:
    """Each person hands in one notebook or two, 31 hours after the one before."""
    store, given = Store(course), []
    for number, person in enumerate(people):
        files = {"01_first.ipynb": handed_in(store, "01_first", person.id)}
        if number % 2:
            files["02_second.ipynb"] = handed_in(store, "02_second", person.id)
            files["helper.py"] = b"x = 1"
        when = START + timedelta(hours=31 * number)
        given.append(Given(person, files, when, number >= late))
    return given


def collect(
    course: Course,
    *paths: Path,
    people: Sequence[Person] = PEOPLE,
    due: datetime | None = None,
    **choices: Any,
) -> Report:
    """Collect for the assignment ``two``; times without a zone are UTC unless told otherwise."""
    made = Choices(**{"zone": ZoneInfo("UTC"), **choices})
    run = Collection(course, "two", {one.id: one for one in people}, made, lambda _: due)
    return run.collect(list(paths))
