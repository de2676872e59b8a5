from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.files.student_folders import Oddity, student_folders
from tests.courses.odd_ids import ODD_IDS
from tests.courses.tiny import write_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_course(tmp_path / "[course] *?")


def make(course: Course, *paths: str) -> None:
    for path in paths:
        (course.submitted / path).mkdir(parents=True)


def odd(course: Course) -> list[tuple[str, str, Oddity]]:
    return [(one.student, one.name, one.oddity) for one in student_folders(course, "tiny").odd]


def test_ids_are_names_and_no_patterns(course: Course) -> None:
    make(course, *(f"{name}/tiny" for name in ODD_IDS))
    found = student_folders(course, "tiny")
    assert found.students == tuple(sorted(ODD_IDS))
    assert found.odd == ()


@pytest.mark.parametrize("assignment", ["*", "ti?y", "[t]iny"])
def test_an_assignment_is_a_name_too(course: Course, assignment: str) -> None:
    make(course, "ada/tiny", f"bob/{assignment}")
    assert student_folders(course, assignment).students == ("bob",)


@pytest.mark.parametrize(
    "tool", [".git", ".ipynb_checkpoints", "__MACOSX", ".Trash-1000", ".vscode", ".nfs0001"]
)
def test_folders_of_tools_are_no_students(course: Course, tool: str) -> None:
    make(course, f"{tool}/tiny", ".github-fan/tiny")
    assert student_folders(course, "tiny").students == (".github-fan",)


@pytest.mark.parametrize("name", ["Tiny", "TINY", "tiny_", "tiny (1)", " tiny", "tinyy", "tny"])
def test_a_folder_spelled_nearly_right_is_told(course: Course, name: str) -> None:
    make(course, f"ada/{name}", "bob/tiny")
    assert odd(course) == [("ada", name, Oddity.NEAR)]


def test_other_assignments_and_folders_are_not_near(course: Course) -> None:
    (course.source / "tiny2").mkdir()
    (course.source / "tiny2" / "01_a.py").touch()
    make(course, "ada/tiny2", "ada/conv", "ada/pictures")
    assert odd(course) == []


def test_files_beside_the_assignments_folder_are_told(course: Course) -> None:
    make(course, "ada", "bob/tiny")
    for name in ("ada/01_tiny.ipynb", "ada/a.zip", "ada/notes.txt", "bob/01_tiny.ipynb"):
        (course.submitted / name).touch()
    assert odd(course) == [
        ("ada", "01_tiny.ipynb", Oddity.LOOSE),
        ("ada", "a.zip", Oddity.LOOSE),
    ]


def test_files_in_no_students_folder_are_told(course: Course) -> None:
    make(course, "ada/tiny")
    for name in ("bob.zip", "01_tiny.ipynb", "roster.csv"):
        (course.submitted / name).touch()
    assert odd(course) == [("", name, Oddity.NOBODYS) for name in ("01_tiny.ipynb", "bob.zip")]
    assert [one.path for one in student_folders(course, "tiny").odd] == ["01_tiny.ipynb", "bob.zip"]


def test_a_file_in_place_of_the_folder_is_told(course: Course) -> None:
    make(course, "ada")
    (course.submitted / "ada" / "tiny").touch()
    assert odd(course) == [("ada", "tiny", Oddity.LOOSE)]


def test_a_link_out_of_the_submissions_is_not_followed(course: Course) -> None:
    make(course, "ada/tiny", "bob")
    (course.submitted / "bob" / "tiny").symlink_to(course.submitted / "ada" / "tiny")
    (course.submitted / "cleo").mkdir()
    (course.submitted / "cleo" / "tiny").symlink_to(course.source / "tiny")
    assert student_folders(course, "tiny").students == ("ada", "bob")
    assert odd(course) == [("cleo", "tiny", Oddity.LINK)]


def test_nobody_is_no_error(course: Course) -> None:
    assert student_folders(course, "tiny").students == ()
