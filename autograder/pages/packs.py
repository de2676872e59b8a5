"""Packs of feedback pages: zips that the bulk upload of a learning management system takes."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from autograder.atomic_write import disk_error
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.files.student_folders import folders_in
from autograder.pages.feedback import notebooks_in
from autograder.pages.lms_names import LmsName, canvas_name, moodle_name
from autograder.received.store import Store
from autograder.rendering.links import start_name
from autograder.rendering.merged_page import merge_pages

_EPOCH = (1980, 1, 1, 0, 0, 0)
NOTHING_FOR_GRADESCOPE = (
    "Gradescope takes no files back for students. An autograder made by `autograder gradescope` "
    "shows them the same text there; the pages lie in feedback/ and can be sent another way."
)


class Lms(StrEnum):
    """The systems that packs are made for."""

    MOODLE = "moodle"
    CANVAS = "canvas"
    GRADESCOPE = "gradescope"


_TITLES = {Lms.MOODLE: "Moodle", Lms.CANVAS: "Canvas"}
_NAMES: dict[Lms, Callable[[Iterable[str], str], LmsName | None]] = {
    Lms.MOODLE: moodle_name,
    Lms.CANVAS: canvas_name,
}


def check_lms(name: str) -> Lms:
    """The system of this name. Raises UsageError if there is none that takes files back."""
    try:
        lms = Lms(name)
    except ValueError:
        raise UsageError(f"no pages can be packed for {name!r}; for moodle or canvas") from None
    if lms is Lms.GRADESCOPE:
        raise UsageError(NOTHING_FOR_GRADESCOPE)
    return lms


@dataclass
class Pack:
    """A pack: its zip, the students in it, and the reason for each student who is left out.

    ``path`` is None if nobody could be packed; then no zip was written.
    """

    lms: Lms
    path: Path | None = None
    packed: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Entry:
    student: str
    name: LmsName


def write_pack(
    course: Course,
    assignment: str,
    lms: Lms,
    students: Collection[str] | None = None,
    unchanged: Collection[str] = (),
) -> Pack:
    """Write ``feedback/ASSIGNMENT.LMS.zip`` with one page for each student.

    A page holds all pages of its student. Its name is made from the newest download of that system
    in the store of received files: nothing else says whom the system means. Students without a page
    or without such a download are left out. The same pages make the same bytes.

    ``students`` restricts it to some students; ``unchanged`` are students whose pages need not be
    uploaded again. Raises DiskError if the zip cannot be written.
    """
    pack = Pack(lms)
    entries = _entries(course, assignment, pack, students, unchanged)
    if entries:
        pack.path = course.feedback / f"{assignment}.{lms}.zip"
        with _whole_zip(pack.path) as archive:
            for entry in entries:
                info = zipfile.ZipInfo(entry.name.path, _EPOCH)
                info.external_attr = 0o100644 << 16
                page = merged_page(course, assignment, entry.student)
                archive.writestr(info, page.encode(), zipfile.ZIP_DEFLATED)
                pack.packed.append(entry.student)
    return pack


def merged_page(course: Course, assignment: str, student: str) -> str:
    """All pages of a student as one page. Raises FileNotFoundError if the start page is missing."""
    folder = course.feedback / student / assignment
    names = [path.stem for path in notebooks_in(course.autograded / student / assignment)]
    start = start_name(names)
    pages = {
        f"{name}.html": path.read_text(encoding="utf-8")
        for name in names
        if (path := folder / f"{name}.html").is_file()
    }
    return merge_pages((folder / start).read_text(encoding="utf-8"), pages, start)


def _entries(
    course: Course,
    assignment: str,
    pack: Pack,
    wanted: Collection[str] | None,
    unchanged: Collection[str],
) -> list[_Entry]:
    """The students of a pack in order, with their names there; the others are left out."""
    store = Store(course)
    file = f"feedback-{assignment}.html"
    found: list[_Entry] = []
    for student in _students(course, assignment, store):
        if student in unchanged or (wanted is not None and student not in wanted):
            continue
        if missing := _missing_page(course, assignment, student):
            pack.left_out[student] = missing
        elif (name := _name(store, assignment, student, pack.lms, file)) is None:
            title = _TITLES[pack.lms]
            pack.left_out[student] = (
                f"no file of theirs was collected from a download of {title}, so {title} would "
                "not know whom the page is for"
            )
        else:
            found.append(_Entry(student, name))
    return _without_doubles(found, pack)


def _students(course: Course, assignment: str, store: Store) -> list[str]:
    """The students with files or pages of the assignment, in order."""
    found = set(store.students(assignment))
    for root in (course.submitted, course.autograded, course.feedback):
        found |= {name for name in folders_in(root) if (root / name / assignment).is_dir()}
    return sorted(found)


def _missing_page(course: Course, assignment: str, student: str) -> str:
    """Why a student's pages cannot be packed; empty if they can."""
    notebooks = notebooks_in(course.autograded / student / assignment)
    if not notebooks:
        return "not graded yet"
    folder = course.feedback / student / assignment
    files = [start_name([path.stem for path in notebooks])]
    files += [f"{path.stem}.html" for path in notebooks]
    missing = [name for name in files if not (folder / name).is_file()]
    return f"no page {', '.join(missing)}" if missing else ""


def _name(store: Store, assignment: str, student: str, lms: Lms, file: str) -> LmsName | None:
    """The name of a student's page, by the newest version from this system that has one."""
    for version in reversed(store.versions(assignment, student)):
        if version.origin.kind == lms.value:
            if name := _NAMES[lms](version.origin.paths.values(), file):
                return name
    return None


def _without_doubles(entries: list[_Entry], pack: Pack) -> list[_Entry]:
    """The entries without students who share a key: one would read the other's page."""
    by_key: dict[str, list[_Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.name.key, []).append(entry)
    for same in by_key.values():
        if len(same) > 1:
            for entry in same:
                others = ", ".join(one.student for one in same if one is not entry)
                pack.left_out[entry.student] = (
                    f"{_TITLES[pack.lms]} knows {entry.student} and {others} as one person"
                )
    return [entry for entry in entries if entry.student not in pack.left_out]


@contextlib.contextmanager
def _whole_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip that replaces the file at ``path`` when it is complete. Raises DiskError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        partial.unlink(missing_ok=True)
