from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.errors import UsageError


def test_a_course_is_found_from_any_folder_in_it(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tiny_course.root / "source" / "tiny" / "misconceptions"
    assert Course.find(inside) == tiny_course
    monkeypatch.chdir(inside)
    assert Course.find() == tiny_course


def test_no_course_is_a_usage_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no course at or above"):
        Course.find(tmp_path)
    with pytest.raises(UsageError, match="no course at or above"):
        Course.find(tmp_path / "not" / "there")


def test_assignments_are_folders_with_numbered_files(tiny_course: Course) -> None:
    for name in ("b/01_b.py", "a/02_a.py", "c/notes.py", "d/readme.md"):
        path = tiny_course.source / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    assert tiny_course.assignment_names() == ["a", "b", "tiny"]


def test_everything_lies_in_the_course_folder(tiny_course: Course) -> None:
    for path in (
        tiny_course.source, tiny_course.assignments, tiny_course.solutions, tiny_course.submitted,
        tiny_course.autograded, tiny_course.feedback, tiny_course.gradebook, tiny_course.state,
    ):  # fmt: skip
        assert path.parent == tiny_course.root
