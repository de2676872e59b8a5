"""A new assignment, in a course and from nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from autograder.authoring.new_assignment import FIRST_EXERCISE, new_assignment
from autograder.authoring.new_exercise import new_exercise
from autograder.course.answers import load_answers
from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import load_assignment
from autograder.errors import UsageError
from autograder.release.release import release, stale
from autograder.results import Outcome
from autograder.runs.class_run import ClassRun
from autograder.runs.simulate import simulate
from autograder.runs.verify import verify
from tests.courses.build import forget_solutions
from tests.courses.lessons import write_lesson_course

FILES = {
    ".gitignore",
    "nbgrader_config.py",
    "source/week_1/01_week_1.py",
    "source/week_1/exercises/window_sums/check.py",
    "source/week_1/exercises/window_sums/misconceptions.toml",
    "source/week_1/exercises/window_sums/right.py",
    "source/week_1/exercises/window_sums/wrong.py",
}


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_course(tmp_path: Path) -> None:
    root = tmp_path / "My course, 2026"
    written = new_assignment(root, "week_1")
    assert files_in(root) == FILES == {path.relative_to(root).as_posix() for path in written}
    course = Course.find(root)
    assert course.config.CourseDirectory.course_id == "My-course-2026"
    (bundle,) = load_assignment(course, "week_1")
    assert [cell.exercise for cell in bundle.tests if cell.points] == [FIRST_EXERCISE]
    assert [cell.grade_id for cell in bundle.manual] == ["why_shorter"]
    tags = [tag for cell in bundle.cells for tag in cell.tags]
    assert sorted(tags) == ["figure", "hand-in", "hint", "setup", "skip-execution"]
    assert "| 1 Sums of neighbours | `window_sums` | 1 | 5 | easy |" in bundle.cells[0].source
    assert len(load_bank(bundle)) == 1
    assert len(load_answers(bundle, "right")) == len(load_answers(bundle, "wrong")) == 1


def test_a_course_keeps_its_configuration(tmp_path: Path) -> None:
    course = write_lesson_course(tmp_path)
    before = files_in(tmp_path)
    new_assignment(course.source / "demo", "week_1")
    assert files_in(tmp_path) - before == FILES - {".gitignore", "nbgrader_config.py"}
    assert course.assignment_names() == ["demo", "week_1"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("week-1", "use letters, digits and _"),
        ("1_week", "use letters, digits and _"),
        ("../week", "use letters, digits and _"),
        ("", "use letters, digits and _"),
        ("für", "use letters, digits and _"),
        ("class", "it is a word of Python's"),
        ("shared", "source/shared/ is for code that several notebooks share"),
    ],
)
def test_a_bad_name_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        new_assignment(tmp_path, name)
    assert files_in(tmp_path) == set()


def test_an_assignment_that_exists_is_refused(tmp_path: Path) -> None:
    write_lesson_course(tmp_path)
    before = files_in(tmp_path)
    with pytest.raises(UsageError, match=r"`autograder new exercise demo/NOTEBOOK NAME`"):
        new_assignment(tmp_path, "demo")
    assert files_in(tmp_path) == before


def test_the_files_are_formatted_as_the_course_is(tmp_path: Path) -> None:
    for path in new_assignment(tmp_path, "week_1"):
        text = path.read_text()
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert all(len(line) <= 100 and line == line.rstrip() for line in text.split("\n"))
        if path.suffix == ".py":
            compile(text, path.name, "exec")
        elif path.suffix == ".toml":
            tomllib.loads(text)


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_new_assignment_with_a_new_exercise_is_released_verified_and_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_solutions(monkeypatch)
    new_assignment(tmp_path, "week_1")
    course = Course.find(tmp_path)
    new_exercise(course, "week_1/01_week_1", "more_sums", after=FIRST_EXERCISE)
    report = release(course, "week_1")
    assert report.max_points == 3
    assert stale(course, "week_1") == []
    released = (course.assignments / "week_1" / "01_week_1.ipynb").read_text()
    for private in ("width + 1\\n", "HIDDEN", "Grading:", "solutions.week_1"):
        assert private not in released
    (found,) = verify(course, "week_1", workers=1)
    assert found.passed, found
    assert (found.exercises, found.misconceptions, found.named) == (2, 2, 2)
    simulate(course, "week_1", 2, 1)
    results = ClassRun(course, "week_1", workers=1).grade()
    best = max(results, key=lambda one: one.points)
    assert best.points == 2
    assert best.outcome is Outcome.NEEDS_MANUAL_GRADE
