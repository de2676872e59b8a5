from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.trusted import course_secret
from tests.durability import small_class


@dataclass(frozen=True)
class Undisturbed:
    """A class that was handed in, and what a run that nothing disturbs makes of it."""

    course: Course  # not graded
    left_behind: dict[str, Any]
    seconds: float


@pytest.fixture(scope="session")
def undisturbed(released_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    import time

    folder = tmp_path_factory.mktemp("undisturbed")
    course = small_class.copy(Course.find(released_root), folder / "class")
    course_secret(course)  # both runs draw the same random cases
    small_class.write_class(course)
    graded = small_class.copy(course, folder / "graded")
    started = time.monotonic()
    code, out, err = small_class.finish(graded)
    assert code == 0, out + err
    return Undisturbed(course, small_class.left_behind(graded), time.monotonic() - started)


@pytest.fixture
def handed_in(undisturbed: Undisturbed, tmp_path: Path) -> Iterator[Course]:
    """A fresh copy of the class, not graded."""
    yield small_class.copy(undisturbed.course, tmp_path / "course")
