"""A class whose files come as they come, graded once: the cases of public bug reports."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from autograder.cli.display.files import files
from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import UsageError
from autograder.files.student_folders import Oddity
from autograder.files.unused_files import Unused
from autograder.results import NotebookResult, Outcome
from autograder.runs.class_run import ClassRun
from autograder.runs.plan import FilesReport
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.courses.tiny import FULL, NOTHING, write_course

MONDAY, TUESDAY = 1_789_948_800, 1_790_035_200  # 2026-09-21 and 22, UTC
NAME = "01_tiny.ipynb"
STUB = {name: f"def {name}(*args):\n    raise NotImplementedError()" for name in ("add", "scale")}
IMPORTING = {
    "add": "from mylib.sums import add_up\nfrom tools import *\n\n\ndef add(a, b):\n    return add_up(a, b)"
}

Put = Callable[..., None]


@dataclass(frozen=True)
class Class:
    """The class after it was graded."""

    course: Course
    results: dict[str, NotebookResult]
    report: FilesReport

    def points(self, student: str) -> dict[str, float]:
        return {test.grade_id: test.points for test in self.results[student].tests}

    def told(self, student: str) -> str:
        return "\n".join(self.results[student].notes)


def zipped(files: dict[str, bytes], days: dict[str, int] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            day = (days or {}).get(name, 1)
            archive.writestr(zipfile.ZipInfo(name, (2026, 9, day, 9, 0, 0)), data)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def hand_in_all(course: Course) -> None:
    (bundle,) = load_assignment(course, "tiny")
    right = as_bytes(as_handed_in(bundle))
    untouched = as_bytes(as_handed_in(bundle, STUB))

    def put(path: str, data: bytes, at: int = MONDAY) -> None:
        file = course.submitted / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (at, at))

    # newest-does-not-win
    put("two_zips/tiny/conv.zip", zipped({NAME: untouched}))
    put("two_zips/tiny/conv_final.zip", zipped({NAME: right}), TUESDAY)
    put("old_file_new_zip/tiny/01_tiny.ipynb", untouched)
    put("old_file_new_zip/tiny/conv.zip", zipped({NAME: right}), TUESDAY)
    put("old_zip_new_file/tiny/conv.zip", zipped({NAME: untouched}))
    put("old_zip_new_file/tiny/01_tiny (1).ipynb", right, TUESDAY)
    # nothing-recognised
    put("folder_in_folder/tiny/tiny/01_tiny.ipynb", right)
    put("zip_upper/tiny/CONV.ZIP", zipped({NAME: right}))
    put("targz/tiny/conv.tar.gz", tarred({NAME: right}))
    put("zip_in_zip/tiny/conv.zip", zipped({"conv.zip": zipped({NAME: right})}))
    put("json_only/tiny/01_tiny.json", right)
    put("no_extension/tiny/01_tiny", right)
    put("py_export/tiny/01_tiny.py", b"# In[1]:\n\ndef add(a, b):\n    return a + b\n")
    put("html_export/tiny/01_tiny.html", b"<!DOCTYPE html>\n<html><body>add</body></html>")
    put("rar/tiny/conv.rar", b"Rar!\x1a\x07\x00")
    # zip-with-checkpoint
    files = {
        "hw/.ipynb_checkpoints/01_tiny-checkpoint.ipynb": untouched,
        "hw/01_tiny (1).ipynb": right,
    }
    put("checkpoint/tiny/hw.zip", zipped(files, {next(iter(files)): 9}))
    # helper packages
    put("package/tiny/hw/01_tiny.ipynb", as_bytes(as_handed_in(bundle, IMPORTING)))
    put("package/tiny/hw/mylib/__init__.py", b"")
    put("package/tiny/hw/mylib/sums.py", b"def add_up(a, b):\n    return a + b\n")
    put("package/tiny/hw/tools.py", b"")
    put("package/tiny/hw/torch/__init__.py", b"raise SystemExit")
    # names
    put("[p]*/tiny/01_tiny.ipynb", right)
    put(".dot/tiny/01_tiny.ipynb", right)
    put("a\nb/tiny/01_tiny.ipynb", right)
    put(".git/tiny/01_tiny.ipynb", right)
    put("near/Tiny/01_tiny.ipynb", right)
    put("loose/01_tiny.ipynb", right)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    course = write_course(tmp_path_factory.mktemp("class") / "cnn [2026]")
    hand_in_all(course)
    reports: list[FilesReport] = []
    results = ClassRun(course, "tiny", workers=1).grade(on_files=reports.append)
    return Class(course, {result.student: result for result in results}, reports[0])


RIGHT = (
    "two_zips", "old_file_new_zip", "old_zip_new_file", "folder_in_folder", "zip_upper", "targz",
    "zip_in_zip", "json_only", "no_extension", "checkpoint", "package", "[p]*", ".dot", "a\nb",
)  # fmt: skip
NOT_READ = {
    "py_export": ("01_tiny.py", Unused.EXPORT),
    "html_export": ("01_tiny.html", Unused.DOCUMENT),
    "rar": ("conv.rar", Unused.OTHER_ARCHIVE),
}


@pytest.mark.parametrize("student", RIGHT)
def test_right_work_earns_everything_however_it_was_handed_in(graded: Class, student: str) -> None:
    assert graded.points(student) == FULL


@pytest.mark.parametrize("student", NOT_READ)
def test_what_cannot_be_read_is_told_to_the_student_and_in_the_report(
    graded: Class, student: str
) -> None:
    name, reason = NOT_READ[student]
    assert graded.points(student) == NOTHING
    assert graded.results[student].outcome is Outcome.MISSING
    assert f"{name}: " in graded.told(student) and "Please hand in" in graded.told(student)
    assert [(file.names, file.reason) for file in graded.report.unused[student]] == [
        ((name,), reason)
    ]


def test_nobody_else_has_files_that_were_not_used(graded: Class) -> None:
    assert set(graded.report.unused) == {*NOT_READ, "package"}
    assert [file.reason for file in graded.report.unused["package"]] == [Unused.SHADOWS]


def test_the_note_names_the_file_its_archive_and_the_time_that_decided(graded: Class) -> None:
    assert graded.results["two_zips"].notes[0] == (
        "01_tiny: 01_tiny.ipynb in conv_final.zip was graded, the newest (time of the archive: "
        "2026-09-22 00:00:00 UTC); another copy of 01_tiny: 01_tiny.ipynb in conv.zip "
        "(2026-09-21 00:00:00 UTC)"
    )
    assert "01_tiny (1).ipynb was graded" in graded.told("old_zip_new_file")


def test_only_students_are_graded(graded: Class) -> None:
    assert set(graded.results) == {*RIGHT, *NOT_READ}


def test_folders_with_nearly_the_right_name_are_reported(graded: Class) -> None:
    assert [(one.student, one.name, one.oddity) for one in graded.report.odd] == [
        ("loose", "01_tiny.ipynb", Oddity.LOOSE),
        ("near", "Tiny", Oddity.NEAR),
    ]


def test_the_command_line_shows_the_report(graded: Class) -> None:
    console = Console(record=True, width=200)
    files(console, graded.report)
    said = console.export_text()
    assert "files that were not used of 4 students:" in said
    assert "  rar: conv.rar: this kind of archive cannot be unpacked here." in said
    assert "not graded: near/Tiny is not the assignment's folder." in said


def test_a_run_that_has_nothing_to_grade_reports_the_same(graded: Class) -> None:
    reports: list[FilesReport] = []
    ClassRun(graded.course, "tiny").grade(on_files=reports.append)
    assert reports == [graded.report]


def test_a_run_of_one_student_reports_on_that_student(graded: Class) -> None:
    reports: list[FilesReport] = []
    (result,) = ClassRun(graded.course, "tiny", ("[p]*",)).grade(on_files=reports.append)
    assert result.student == "[p]*"
    assert reports == [FilesReport({}, ())]


def test_folders_that_are_nearly_right_are_named_where_there_is_no_other(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    (course.submitted / "ada" / "Tiny").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"there is no submission of tiny.*\(there: ada/Tiny\)"):
        ClassRun(course, "tiny").grade()
