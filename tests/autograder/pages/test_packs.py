from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import DiskError, UsageError
from autograder.files.hand_in_time import HandInTime
from autograder.pages.feedback import write_feedback
from autograder.pages.packs import Lms, Pack, check_lms, write_pack
from autograder.received.disk.incoming import Incoming
from autograder.received.store import Store
from autograder.received.versions.origin import Origin
from tests.courses.sums import record_result

MOODLE = "{name}_{number}_assignsubmission_file/01_sums.ipynb"
CANVAS = "{name}_{number}_900{number}_01_sums.ipynb"
NAMES = {"ada": "Ada Lovelace", "bob": "Bob O'Neil", "cleo": "مريم"}


def receive(course: Course, student: str, kind: str, path: str, day: int = 1) -> None:
    """Store a file of a student, as collected from a download."""
    file = course.root / "file.ipynb"
    file.write_text(f"{student} {day} {path}")
    when = datetime(2026, 2, day, 10)
    Store(course).add(
        "demo", student, [Incoming("01_sums.ipynb", file, None)],
        Origin(kind, "all.zip", student, f"{when}", HandInTime(when), paths={"01_sums.ipynb": path}),
    )  # fmt: skip


@pytest.fixture
def graded(course: Course, bundle: NotebookBundle) -> Course:
    """Three students with pages, of whom Moodle and Canvas know two."""
    for number, (student, name) in enumerate(NAMES.items(), 1):
        record_result(course, bundle, student)
        if student != "cleo":
            receive(course, student, "moodle", MOODLE.format(name=name, number=number))
            receive(course, student, "canvas", CANVAS.format(name=student, number=number), 2)
    assert not write_feedback(course, "demo").troubles
    return course


def entries(pack: Pack) -> dict[str, str]:
    assert pack.path is not None
    with zipfile.ZipFile(pack.path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_moodle_gets_a_page_in_the_folder_of_each_participant(graded: Course) -> None:
    pack = write_pack(graded, "demo", Lms.MOODLE)
    assert pack.path == graded.feedback / "demo.moodle.zip"
    found = entries(pack)
    assert list(found) == [
        "Ada Lovelace_1_assignsubmission_file/feedback-demo.html",
        "Bob O'Neil_2_assignsubmission_file/feedback-demo.html",
    ]
    assert pack.packed == ["ada", "bob"]
    assert pack.left_out.keys() == {"cleo"} and "download of Moodle" in pack.left_out["cleo"]


def test_canvas_gets_the_names_of_its_download(graded: Course) -> None:
    found = entries(write_pack(graded, "demo", Lms.CANVAS))
    assert list(found) == ["ada_1_9001_feedback-demo.html", "bob_2_9002_feedback-demo.html"]


def test_a_page_is_one_file_of_its_own_student(graded: Course) -> None:
    for name, page in entries(write_pack(graded, "demo", Lms.MOODLE)).items():
        student = "ada" if name.startswith("Ada") else "bob"
        assert f'<span class="who"><bdi>{student}</bdi></span>' in page
        assert "<b>Look at ties.</b>" in page and "Notebooks</h2>" in page
        links = re.findall(r'(?:href|src)="([^"]*)"', page)
        assert links and all(link.startswith(("#", "data:", "https:")) for link in links)
        targets = set(re.findall(r' id="([^"]*)"', page))
        assert {link[1:] for link in links if link.startswith("#")} <= targets


def test_the_newest_download_counts_and_equal_pages_make_equal_bytes(graded: Course) -> None:
    receive(graded, "ada", "moodle", MOODLE.format(name="Ada King", number=77), day=9)
    receive(graded, "ada", "plain", "01_sums.ipynb", day=10)
    pack = write_pack(graded, "demo", Lms.MOODLE)
    assert "Ada King_77_assignsubmission_file/feedback-demo.html" in entries(pack)
    assert pack.path is not None
    before = pack.path.read_bytes()
    assert write_pack(graded, "demo", Lms.MOODLE).path == pack.path
    assert pack.path.read_bytes() == before
    assert not list(graded.feedback.glob(".*"))


def test_two_students_that_the_system_takes_for_one_get_no_page(graded: Course) -> None:
    """One of them would read the page of the other."""
    receive(graded, "bob", "moodle", MOODLE.format(name="Bob", number="01"), day=9)
    pack = write_pack(graded, "demo", Lms.MOODLE)
    assert pack.packed == [] and pack.path is None
    assert "as one person" in pack.left_out["ada"] and "ada" in pack.left_out["bob"]
    assert not (graded.feedback / "demo.moodle.zip").exists()


def test_missing_pages_are_told_by_name(graded: Course) -> None:
    (graded.feedback / "ada" / "demo" / "01_sums.html").unlink()
    receive(graded, "dan", "moodle", MOODLE.format(name="Dan", number=4))
    pack = write_pack(graded, "demo", Lms.MOODLE)
    assert pack.packed == ["bob"]
    assert pack.left_out["ada"] == "no page 01_sums.html"
    assert pack.left_out["dan"] == "not graded yet"


def test_a_pack_of_some_students_leaves_out_nobody(graded: Course) -> None:
    pack = write_pack(graded, "demo", Lms.MOODLE, {"bob"})
    assert (pack.packed, pack.left_out) == (["bob"], {})
    pack = write_pack(graded, "demo", Lms.MOODLE, None, unchanged=["bob", "cleo"])
    assert (pack.packed, pack.left_out) == (["ada"], {})


def test_gradescope_takes_no_files_back() -> None:
    with pytest.raises(UsageError, match="takes no files back"):
        check_lms("gradescope")
    with pytest.raises(UsageError, match="moodle or canvas"):
        check_lms("blackboard")
    assert check_lms("moodle") is Lms.MOODLE


def test_a_zip_that_cannot_be_written_leaves_the_old_one(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_pack(graded, "demo", Lms.MOODLE).path
    assert path is not None
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(DiskError, match="disk is full"):
        write_pack(graded, "demo", Lms.MOODLE)
    assert path.read_bytes() == before
    assert [one.name for one in graded.feedback.iterdir() if one.is_file()] == [path.name]
    assert Path(path).is_file()
