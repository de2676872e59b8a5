"""A new exercise in a lesson."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.authoring.new_exercise import new_exercise
from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import SourceError, UsageError
from autograder.pairing.pair import Pair
from tests.courses.lessons import LESSON, write_lesson_course
from tests.courses.toolbar import cell_of, set_points

NAME = "demo/01_sums"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_lesson_course(tmp_path)


def lesson(course: Course) -> str:
    return (course.source / "demo" / "01_sums.py").read_text()


def exercises(course: Course) -> list[str]:
    (bundle,) = load_assignment(course, "demo")
    return [cell.exercise for cell in bundle.answers]


def test_cells_and_files_are_added_after_the_last_exercise(course: Course) -> None:
    folder = course.source / "demo" / "exercises" / "mean"
    written = new_exercise(course, NAME, "mean")
    assert {path.name for path in written if path.parent == folder} == {
        "check.py", "misconceptions.toml", "right.py", "wrong.py",
    }  # fmt: skip
    above, below = LESSON.split("# %% [markdown] question why")
    assert lesson(course).startswith(above + "# %% [markdown]\n# ### `mean`\n")
    assert lesson(course).endswith("\n\n# %% [markdown] question why" + below)
    assert exercises(course) == ["total", "twice", "mean"]
    assert "from solutions.demo.sums import mean as reference" in (folder / "check.py").read_text()
    kinds = [line for line in lesson(course).splitlines() if " mean" in line and "# %%" in line]
    assert kinds == [
        "# %% answer mean minutes=5 level=easy", "# %% try mean", "# %% check mean points=1",
        "# %% [markdown] hint mean",
    ]  # fmt: skip


def test_the_place_can_be_chosen(course: Course) -> None:
    new_exercise(course, NAME, "mean", after="total")
    assert exercises(course) == ["total", "mean", "twice"]
    new_exercise(course, NAME + ".py", "median", after="mean")
    assert exercises(course) == ["total", "mean", "median", "twice"]


def test_a_lesson_without_exercises_gets_its_first_before_the_hand_in(tmp_path: Path) -> None:
    text = "# %% [markdown]\n# Text\n\n# %% hand-in\nprint(1)\n"
    course = write_lesson_course(tmp_path, text)
    new_exercise(course, NAME, "mean")
    assert lesson(course).endswith("`L`?\n\n# %% hand-in\nprint(1)\n")
    assert "# %% try mean\nimport torch\n\ngot = mean" in lesson(course)  # setup has no torch
    assert exercises(course) == ["mean"]


def test_the_end_of_a_definition_keeps_its_distance(tmp_path: Path) -> None:
    course = write_lesson_course(tmp_path, "# %% answer total\ndef total(x):\n    return x\n")
    new_exercise(course, NAME, "mean")
    assert "    return x\n\n\n# %% [markdown]\n" in lesson(course)


def test_an_edited_notebook_is_taken_first_and_gets_the_cells(course: Course) -> None:
    pair = Pair.named(course, NAME)
    pair.bring_together()
    notebook = nbformat.read(pair.notebook, as_version=4)
    set_points(notebook, "test_total", 7)
    nbformat.write(notebook, pair.notebook)
    new_exercise(course, NAME, "mean")
    assert "points=7" in lesson(course)
    assert not pair.is_edited()
    assert "test(mean)" in cell_of(nbformat.read(pair.notebook, as_version=4), "test_mean").source


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("total", r"exercises/total exists: choose another name"),
        ("why", r"source/demo/01_sums\.py has an exercise or a cell named why"),
        ("two words", "it becomes a function"),
        ("2nd", "it becomes a function"),
        ("class", "it becomes a function"),
        ("_private", "it becomes a function"),
        ("größe", "it becomes a function"),
        ("", "it becomes a function"),
        ("sum", "it is a name of Python's own"),
        ("test", "the check of a new exercise uses it"),
    ],
)
def test_a_bad_or_taken_name_is_refused_and_nothing_changes(
    course: Course, name: str, words: str
) -> None:
    before = sorted(course.source.rglob("*"))
    with pytest.raises(UsageError, match=words):
        new_exercise(course, NAME, name)
    assert sorted(course.source.rglob("*")) == before
    assert lesson(course) == LESSON


def test_names_of_other_notebooks_of_the_assignment_are_taken(course: Course) -> None:
    (course.source / "demo" / "02_more.py").write_text("# %% given helper\nx = 1\n")
    with pytest.raises(UsageError, match=r"02_more\.py has an exercise or a cell named helper"):
        new_exercise(course, NAME, "helper")


@pytest.mark.parametrize(
    ("notebook", "after", "words"),
    [
        ("demo/02_more", "", r"no lesson 'demo/02_more' .*\(there: demo/01_sums\)"),
        ("demo", "", r"no lesson 'demo'"),
        (NAME, "mode", r"has no exercise 'mode' to add one after \(there: total, twice\)"),
    ],
)
def test_an_unknown_place_is_refused(course: Course, notebook: str, after: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        new_exercise(course, notebook, "mean", after)
    assert not (course.source / "demo" / "exercises" / "mean").exists()


def test_a_lesson_with_lines_above_its_first_header_is_refused(tmp_path: Path) -> None:
    course = write_lesson_course(tmp_path, "import torch\n\n# %% try x\nassert True\n")
    with pytest.raises(SourceError, match="write `# %%` above the first line"):
        new_exercise(course, NAME, "mean")
