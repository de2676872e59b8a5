"""Pages go back to the people of the downloads that were collected."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.pages.packs import Lms, Pack, write_pack
from autograder.received.store import Store
from tests.courses import downloads
from tests.courses.downloads import Given, collect, the_class
from tests.courses.pair import write_course

PAGE = '<html><head><title>t</title></head><body id="top"><main>{}</main></body></html>'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "course")


def write_pages(course: Course, students: list[str]) -> None:
    """Pages as the feedback command writes them, with the id of their student as text."""
    for student in students:
        autograded = course.autograded / student / "two"
        feedback = course.feedback / student / "two"
        for folder in (autograded, feedback):
            folder.mkdir(parents=True)
        (autograded / "01_one.ipynb").write_text("{}")
        for name in ("index", "01_one"):
            (feedback / f"{name}.html").write_text(PAGE.format(f"<p>for {student}</p>"))


def readers(pack: Pack, number: str) -> dict[str, str]:
    """The student of each page, by the number in its name."""
    assert pack.path is not None
    found = {}
    with zipfile.ZipFile(pack.path) as archive:
        for name in archive.namelist():
            match = re.search(number, name)
            assert match is not None, name
            (student,) = set(re.findall(r"<p>for (.*?)</p>", archive.read(name).decode()))
            found[match[1]] = student
    return found


LAYOUTS: dict[str, Callable[[Path, list[Given]], Path]] = {
    "folders": lambda path, given: downloads.moodle(path, given),
    "newer": lambda path, given: downloads.moodle(path, given, end=""),
    "no folders": lambda path, given: downloads.moodle(path, given, folders=False),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_participant_of_moodle_gets_the_own_page(
    course: Course, tmp_path: Path, layout: str
) -> None:
    given = the_class(course)
    collect(course, LAYOUTS[layout](tmp_path / "m.zip", given), file_times=True)
    write_pages(course, [one.person.id for one in given])
    pack = write_pack(course, "two", Lms.MOODLE)
    assert pack.left_out == {}
    assert readers(pack, r"^[^_]*_(\d+)_assignsubmission_file[/_]") == {
        str(4200 + number): one.person.id for number, one in enumerate(given)
    }


def test_each_user_of_canvas_gets_the_own_page(course: Course, tmp_path: Path) -> None:
    given = the_class(course)
    download = downloads.canvas(tmp_path / "submissions.zip", given)
    collect(course, download, file_times=True)
    write_pages(course, [one.person.id for one in given])
    pack = write_pack(course, "two", Lms.CANVAS)
    assert pack.left_out == {}
    assert readers(pack, r"_(\d+)_\d+_feedback-two\.html$") == {
        one.person.other_ids.get("canvas", str(7000 + number)): one.person.id
        for number, one in enumerate(given)
    }
    with zipfile.ZipFile(download) as archive:
        starts = {re.sub(r"(_9\d{4}_).*", r"\1", name) for name in archive.namelist()}
    assert pack.path is not None
    with zipfile.ZipFile(pack.path) as archive:
        for name in archive.namelist():
            assert name.removesuffix("feedback-two.html") in starts


def test_files_of_another_system_name_nobody(course: Course, tmp_path: Path) -> None:
    given = the_class(course)
    collect(course, downloads.gradescope(tmp_path / "export.zip", given))
    write_pages(course, [one.person.id for one in given])
    pack = write_pack(course, "two", Lms.MOODLE)
    assert pack.path is None and len(pack.left_out) == len(given)


def test_a_second_download_of_the_same_files_brings_their_new_names(
    course: Course, tmp_path: Path
) -> None:
    """A student handed the same file in again: Canvas gives it another number."""
    given = the_class(course)[:2]
    collect(course, downloads.canvas(tmp_path / "a.zip", given))
    person = given[0].person.id
    before = [version.name for version in Store(course).versions("two", person)]
    swapped = downloads.canvas(tmp_path / "b.zip", [given[1], given[0]])
    assert not collect(course, swapped).has_changed
    versions = Store(course).versions("two", person)
    assert [version.name for version in versions] == before
    with zipfile.ZipFile(swapped) as archive:
        assert set(versions[-1].origin.paths.values()) <= set(archive.namelist())
