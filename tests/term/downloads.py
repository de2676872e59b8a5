"""Downloads of four learning management systems with students' notebooks, as zips."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.term.people import ANSWERS, EXERCISE, QUESTION, ZONE, Work

DOWNLOADED_AT = (2025, 4, 20, 8, 0, 0)


def notebook_of(root: Path, work: Work) -> bytes:
    """The released notebook with the student's answers."""
    released = root / "assignments" / work.assignment / f"{work.notebook}.ipynb"
    notebook = json.loads(released.read_text(encoding="utf-8"))
    texts = {EXERCISE[work.notebook]: ANSWERS[EXERCISE[work.notebook]][work.answer][0]}
    if work.notebook in QUESTION:
        texts[QUESTION[work.notebook][0]] = f"{work.person.name} thinks so."
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if grade_id in texts:
            cell["source"] = texts.pop(grade_id)
    assert not texts, f"{work.notebook} has no cells {texts}"
    return json.dumps(notebook).encode()


def canvas(root: Path, works: Iterable[Work], path: Path) -> Path:
    """``sortablename_LATE_user_file_name``; all files have the time of the download."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, work in enumerate(works):
            letters = unicodedata.normalize("NFC", f"{work.person.last}{work.person.first}").lower()
            name = "".join(letter for letter in letters if letter.isalnum())
            file = f"{name}_{work.person.lms_id}_{9000 + number}_{work.notebook}.ipynb"
            _add(archive, file, notebook_of(root, work), DOWNLOADED_AT)
    return path


def moodle(root: Path, works: Iterable[Work], path: Path) -> Path:
    """A folder for each student; an older Moodle stores the local times of the uploads."""
    with zipfile.ZipFile(path, "w") as archive:
        for work in works:
            folder = f"{work.person.name}_{77000 + int(work.person.lms_id)}_assignsubmission_file"
            name = f"{folder}/{work.notebook}.ipynb"
            _add(archive, name, notebook_of(root, work), _local(work.at))
    return path


def gradescope(root: Path, works: Iterable[Work], path: Path) -> Path:
    """``submission_N`` folders; the metadata name the students and the times."""
    lines = []
    with zipfile.ZipFile(path, "w") as archive:
        for number, (key, own) in enumerate(_by_time(works)):
            person, at = own[0].person, own[0].at
            folder = f"submission_{5100 + number}"
            assert key
            lines += [
                f"{folder}:",
                "  :submitters:",
                f"  - :name: {json.dumps(person.name, ensure_ascii=False)}",
                f"    :sid: {json.dumps(person.id)}",
                f"    :email: {person.email}",
                f"  :created_at: {at:%Y-%m-%d %H:%M:%S}.000000000 Z",
            ]
            for work in own:
                name = f"assignment_9_export/{folder}/{work.notebook}.ipynb"
                _add(archive, name, notebook_of(root, work), DOWNLOADED_AT)
        metadata = "---\n" + "\n".join(lines) + "\n"
        _add(archive, "assignment_9_export/submission_metadata.yml", metadata.encode())
    return path


def classroom(root: Path, works: Iterable[Work], path: Path) -> Path:
    """``Name - notebook.ipynb`` in a folder of Google Drive."""
    with zipfile.ZipFile(path, "w") as archive:
        for work in works:
            name = f"week/{work.person.name} - {work.notebook}.ipynb"
            _add(archive, name, notebook_of(root, work), DOWNLOADED_AT)
    return path


def plain(root: Path, works: Iterable[Work], path: Path) -> Path:
    """A folder for each student, with ``timestamp.txt``."""
    with zipfile.ZipFile(path, "w") as archive:
        for _, own in _by_time(works):
            for work in own:
                name = f"{work.person.id}/{work.notebook}.ipynb"
                _add(archive, name, notebook_of(root, work))
            time = f"{own[0].at:%Y-%m-%d %H:%M:%S} UTC"
            _add(archive, f"{own[0].person.id}/timestamp.txt", time.encode())
    return path


def times_of(works: Sequence[Work], path: Path) -> Path:
    """A table of students and times, for systems whose downloads hold no times."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["student", "time"])
    for student, at in dict.fromkeys((work.person.id, work.at) for work in works):
        writer.writerow([student, f"{at:%Y-%m-%d %H:%M:%S} UTC"])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def _by_time(works: Iterable[Work]) -> list[tuple[tuple[str, datetime], list[Work]]]:
    found: dict[tuple[str, datetime], list[Work]] = {}
    for work in works:
        found.setdefault((work.person.id, work.at), []).append(work)
    return list(found.items())


def _local(at: datetime) -> tuple[int, int, int, int, int, int]:
    local = at.astimezone(ZoneInfo(ZONE))
    return (local.year, local.month, local.day, local.hour, local.minute, local.second)


def _add(
    archive: zipfile.ZipFile,
    name: str,
    data: bytes,
    time: tuple[int, int, int, int, int, int] = DOWNLOADED_AT,
) -> None:
    archive.writestr(zipfile.ZipInfo(name, time), data)
