"""A lesson and its notebook for JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.errors import SourceError, UsageError
from autograder.pairing.pair import (
    BothEdited,
    Pair,
    Step,
    UnreadableNotebook,
    edited_notebooks,
    take_edits,
    write_notebooks,
)
from tests.courses.lessons import CHECKS, LESSON, check_text, write_lesson_course
from tests.courses.toolbar import as_used, cell_of, new_cell, set_id, set_points

NAME = "demo/01_sums"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_lesson_course(tmp_path)


@pytest.fixture
def pair(course: Course) -> Pair:
    """A pair whose notebook was just made."""
    pair = Pair.named(course, NAME)
    assert pair.bring_together() == Step(NAME, "lesson", ("01_sums.ipynb",))
    return pair


def save(pair: Pair, change: Callable[[NotebookNode], object]) -> None:
    """Save the notebook with a change, as JupyterLab does."""
    notebook = nbformat.read(pair.notebook, as_version=4)
    change(notebook)
    nbformat.write(notebook, pair.notebook)


def texts(pair: Pair) -> dict[str, str]:
    """The lesson and all checks, by path."""
    files = [pair.path, *pair.path.parent.glob("exercises/*/*")]
    return {path.relative_to(pair.path.parent).as_posix(): path.read_text() for path in files}


def write_lesson_text(pair: Pair, old: str, new: str) -> None:
    assert old in pair.path.read_text()
    pair.path.write_text(pair.path.read_text().replace(old, new))


def test_lesson_and_notebook_that_are_the_same_stay_as_they_are(pair: Pair) -> None:
    before = texts(pair)
    made = pair.notebook.read_bytes()
    assert pair.bring_together() == Step(NAME)
    save(pair, as_used)
    assert not pair.is_edited()
    assert pair.bring_together() == Step(NAME)
    assert texts(pair) == before
    pair.notebook.unlink()
    pair.bring_together()
    assert pair.notebook.read_bytes() == made


def test_an_edited_notebook_changes_the_files_that_differ(pair: Pair) -> None:
    before = texts(pair)
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    assert pair.is_edited()
    assert pair.bring_together() == Step(NAME, "notebook", ("01_sums.py",))
    before["01_sums.py"] = before["01_sums.py"].replace("points=2", "points=4")
    assert texts(pair) == before

    def mend(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "test_total")
        cell.source = cell.source.replace("n=3", "n=5")

    save(pair, mend)
    assert pair.bring_together() == Step(NAME, "notebook", ("exercises/total/check.py",))
    before["exercises/total/check.py"] = CHECKS["total"].replace("n=3", "n=5")
    assert texts(pair) == before
    assert not pair.is_edited()


def test_a_notebook_that_was_converted_is_not_written_again(pair: Pair) -> None:
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    saved = pair.notebook.read_bytes()
    pair.bring_together()
    assert pair.notebook.read_bytes() == saved
    write_lesson_text(pair, "# The end", "# The very end")
    assert pair.bring_together().taken == "lesson"
    save(pair, lambda notebook: set_points(notebook, "test_total", 6))
    assert pair.bring_together().taken == "notebook"
    assert 'points=6 "the sum"' in pair.path.read_text()
    assert "The very end" in pair.path.read_text()


def test_an_edited_lesson_or_check_changes_the_notebook_and_keeps_outputs(pair: Pair) -> None:
    save(pair, as_used)
    write_lesson_text(pair, "points=2", "points=3")
    assert pair.bring_together() == Step(NAME, "lesson", ("01_sums.ipynb",))
    notebook = nbformat.read(pair.notebook, as_version=4)
    assert cell_of(notebook, "test_total").metadata["nbgrader"]["points"] == 3
    assert ".worth(3)" in cell_of(notebook, "test_total").source
    assert cell_of(notebook, "total").outputs[0]["text"] == "printed\n"
    check = pair.path.parent / "exercises/total/check.py"
    check.write_text(CHECKS["total"].replace("n=3", "n=9"))
    assert pair.bring_together().taken == "lesson"
    assert "n=9" in pair.notebook.read_text()


def test_both_edited_is_refused_until_one_is_taken(pair: Pair) -> None:
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    write_lesson_text(pair, "# The end", "# The very end")
    before = texts(pair), pair.notebook.read_bytes()
    with pytest.raises(BothEdited, match=f"`autograder edit --take lesson {NAME}`"):
        pair.bring_together()
    assert (texts(pair), pair.notebook.read_bytes()) == before
    assert pair.bring_together("notebook").files == ("01_sums.py",)
    assert "points=4" in pair.path.read_text()
    assert "very" not in pair.path.read_text()
    assert pair.bring_together() == Step(NAME)


def test_the_lesson_can_be_taken_when_both_were_edited(pair: Pair) -> None:
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    write_lesson_text(pair, "# The end", "# The very end")
    before = texts(pair)
    assert pair.bring_together("lesson").files == ("01_sums.ipynb",)
    assert texts(pair) == before
    assert "The very end" in pair.notebook.read_text()
    assert pair.bring_together() == Step(NAME)


def test_the_same_edit_on_both_sides_is_no_conflict(pair: Pair) -> None:
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    write_lesson_text(pair, "points=2", "points=4")
    before = texts(pair)
    assert pair.bring_together() == Step(NAME)
    assert texts(pair) == before
    assert not pair.is_edited()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{}]}', "\x00", '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}'])  # fmt: skip
def test_a_damaged_notebook_leaves_the_lesson_alone(pair: Pair, text: str) -> None:
    before = texts(pair)
    pair.notebook.write_text(text)
    for take in ("", "notebook"):
        with pytest.raises(UnreadableNotebook, match="so the lesson stays as it is"):
            pair.bring_together(take)  # type: ignore[arg-type]
    assert texts(pair) == before


def test_every_half_of_a_saved_notebook_leaves_the_lesson_alone(pair: Pair) -> None:
    before, data = texts(pair), pair.notebook.read_bytes()
    for length in range(0, len(data), 97):
        pair.notebook.write_bytes(data[:length])
        with pytest.raises(UnreadableNotebook):
            pair.bring_together()
    assert texts(pair) == before


def test_a_notebook_that_no_lesson_can_hold_leaves_the_lesson_alone(pair: Pair) -> None:
    before = texts(pair)

    def break_check(notebook: NotebookNode) -> None:
        set_points(notebook, "twice_as_much", 7)
        cell = cell_of(notebook, "test_total")
        cell.source = cell.source.replace("def test(", "def tests(")

    save(pair, break_check)
    with pytest.raises(
        SourceError, match=r"^source/demo/01_sums\.ipynb, cell 6 \(test_total\): its "
    ):
        pair.bring_together()
    assert texts(pair) == before


def test_a_renamed_exercise_takes_its_folder_along(pair: Pair) -> None:
    folder = pair.path.parent / "exercises"
    (folder / "total" / "misconceptions.toml").write_text("# mine\n")

    def rename(notebook: NotebookNode) -> None:
        set_id(notebook, "total", "add_up")
        set_id(notebook, "try_total", "try_add_up")
        set_id(notebook, "test_total", "test_add_up")

    save(pair, rename)
    step = pair.bring_together()
    assert step.notes == (
        "exercises/total is now exercises/add_up; names inside its files are yours to change",
    )
    assert sorted(path.name for path in folder.iterdir()) == ["add_up", "twice"]
    assert (folder / "add_up" / "misconceptions.toml").read_text() == "# mine\n"
    assert (folder / "add_up" / "check.py").read_text() == CHECKS["total"]


def test_the_folder_of_a_deleted_exercise_stays_and_it_is_told(pair: Pair) -> None:
    def delete(notebook: NotebookNode) -> None:
        for name in ("total", "try_total", "test_total"):
            notebook.cells.remove(cell_of(notebook, name))

    save(pair, delete)
    assert pair.bring_together().notes == (
        "exercises/total is not used any more; delete the folder if you do not need it",
    )
    assert (pair.path.parent / "exercises/total/check.py").is_file()


def test_a_new_exercise_gets_a_check(pair: Pair) -> None:
    check = check_text("mean", "lambda x: x.mean()")
    source = f"### BEGIN HIDDEN TESTS\n{check}### END HIDDEN TESTS"
    path = pair.path.parent / "exercises/mean/check.py"
    path.parent.mkdir()
    path.write_text("mine = 1\n")

    def add(notebook: NotebookNode) -> None:
        notebook.cells.append(new_cell("solution", "mean", "def mean(x):\n    return x.mean()"))
        notebook.cells.append(new_cell("tests", "test_mean", source, 1))

    save(pair, add)
    before = texts(pair)
    with pytest.raises(SourceError, match=r"exercises/mean/check\.py is there already"):
        pair.bring_together()
    assert texts(pair) == before
    path.unlink()
    assert pair.bring_together().files == ("exercises/mean/check.py", "01_sums.py")
    assert path.read_text() == check


def test_a_notebook_of_an_older_version_is_kept_and_made_anew(course: Course) -> None:
    pair = Pair.named(course, NAME)
    nbformat.write(nbformat.v4.new_notebook(), pair.notebook)
    old = pair.notebook.read_bytes()
    assert take_edits(course, "demo") == []
    (step,) = write_notebooks(course, {pair.path: LESSON})
    assert "is kept as .autograder/replaced/demo/01_sums.ipynb" in step.notes[0]
    assert (course.root / ".autograder/replaced/demo/01_sums.ipynb").read_bytes() == old
    assert "test_total" in pair.notebook.read_text()


def test_a_notebook_alone_becomes_a_lesson(pair: Pair) -> None:
    pair.path.unlink()
    for path in pair.path.parent.glob("exercises/*/check.py"):
        path.unlink()
    assert Pair.named(pair.course, NAME).bring_together().taken == "notebook"
    assert pair.path.read_text() == LESSON
    assert texts(pair)["exercises/twice/check.py"] == CHECKS["twice"]


def test_a_lesson_that_cannot_be_read_can_be_written_over(pair: Pair) -> None:
    pair.path.write_text("# %% nonsense here\n")
    with pytest.raises(SourceError, match="'nonsense' is no kind of cell"):
        pair.bring_together()
    pair.bring_together("notebook")
    assert pair.path.read_text() == LESSON


@pytest.mark.parametrize(
    "name", ["demo", "demo/02_more", "demo/../demo/01_sums", "/01_sums", "demo/"]
)
def test_a_name_without_a_lesson_is_refused_with_the_lessons_that_exist(
    course: Course, name: str
) -> None:
    with pytest.raises(UsageError, match=rf"\(there: {NAME}\)"):
        Pair.named(course, name)


@pytest.mark.parametrize("suffix", ["", ".py", ".ipynb"])
def test_a_lesson_is_found_by_its_name(course: Course, suffix: str) -> None:
    assert Pair.named(course, NAME + suffix).path == course.source / "demo" / "01_sums.py"


def test_edited_notebooks_of_an_assignment_are_found(pair: Pair) -> None:
    assert edited_notebooks(pair.course, "demo") == []
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    assert edited_notebooks(pair.course, "demo") == [NAME]
    assert [step.files for step in take_edits(pair.course, "demo")] == [("01_sums.py",)]
    assert edited_notebooks(pair.course, "demo") == []
    pair.notebook.write_text("{")
    assert edited_notebooks(pair.course, "demo") == [NAME]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"mark": {}}'])
def test_a_damaged_newer_mark_is_no_mark(pair: Pair, text: str) -> None:
    save(pair, lambda notebook: set_points(notebook, "test_total", 4))
    pair.bring_together()
    (newer,) = (pair.course.state / "notebooks").rglob("*.json")
    assert json.loads(newer.read_text())["mark"]
    newer.write_text(text)
    assert pair.bring_together() == Step(NAME)  # both say the same
