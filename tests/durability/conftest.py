from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.grading.seeds import course_secret
from autograder.records.gradebook import open_gradebook, record
from autograder.results import NotebookResult, Outcome, TestResult
from tests.courses import small_class


@dataclass(frozen=True)
class Undisturbed:
    """A class before grading, and the result of an undisturbed run on it."""

    course: Course  # not graded
    left_behind: dict[str, Any]
    left_behind_anew: dict[str, Any]  # where there was no gradebook
    seconds: float


@pytest.fixture(scope="session")
def undisturbed(released_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    import time

    folder = tmp_path_factory.mktemp("undisturbed")
    course = small_class.copy(Course.find(released_root), folder / "class")
    course_secret(course)  # both runs draw the same random cases
    small_class.write_class(course)
    enter_by_hand(course)
    anew = small_class.copy(course, folder / "anew")
    anew.gradebook.unlink()
    graded = small_class.copy(course, folder / "graded")
    started = time.monotonic()
    for one in (graded, anew):
        code, out, err = small_class.finish(one)
        assert code == 0, out + err
    seconds = (time.monotonic() - started) / 2
    found = small_class.left_behind(graded)
    assert any(row[4] == 0.5 for row in found["gradebook"]["grade"])
    return Undisturbed(course, found, small_class.left_behind(anew), seconds)


def enter_by_hand(course: Course) -> None:
    """Ada was graded before, and a person has read her answer."""
    tests = (
        TestResult("test_add", "add", 2.0, 2.0, Outcome.PASSED),
        TestResult("test_scale", "scale", 7.0, 7.0, Outcome.PASSED),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )
    result = NotebookResult("ada", "tiny", "01_tiny", tests)
    record(course, load_assignment(course, "tiny"), [result])
    with open_gradebook(course) as gradebook:
        grade = gradebook.find_grade("why", "01_tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.find_comment("why", "01_tiny", "tiny", "ada").manual_comment = "Nearly."
        gradebook.db.commit()


@pytest.fixture
def handed_in(undisturbed: Undisturbed, tmp_path: Path) -> Iterator[Course]:
    """A fresh copy of the class, not graded."""
    yield small_class.copy(undisturbed.course, tmp_path / "course")
