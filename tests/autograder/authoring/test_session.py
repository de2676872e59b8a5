"""Lesson and notebook during an edit in JupyterLab."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring import session
from autograder.authoring.session import watch
from autograder.errors import AutograderError, SourceError
from autograder.pairing.pair import BothEdited, Pair, Step, UnreadableNotebook
from tests.courses.lessons import write_lesson_course
from tests.courses.toolbar import cell_of, set_points

NAME = "demo/01_sums"


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    pair = Pair.named(write_lesson_course(tmp_path), NAME)
    pair.bring_together()
    return pair


def save(pair: Pair, change: Callable[[NotebookNode], object]) -> Callable[[], object]:
    def action() -> None:
        notebook = nbformat.read(pair.notebook, as_version=4)
        change(notebook)
        nbformat.write(notebook, pair.notebook)

    return action


def watched(pair: Pair, *actions: Callable[[], object]) -> list[Step | AutograderError]:
    """Every step and error that is told while the actions happen, one before each look at the files."""
    left, told = list(actions), list[Step | AutograderError]()

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    watch(pair, told.append, wait)
    return told


def nothing() -> None:
    pass


def test_each_save_goes_into_the_lesson_once(pair: Pair) -> None:
    told = watched(
        pair,
        nothing,
        save(pair, lambda notebook: set_points(notebook, "test_total", 4)),
        nothing,
        nothing,
        save(pair, lambda notebook: set_points(notebook, "test_total", 6)),
        nothing,
    )
    assert told == [Step(NAME, "notebook", ("01_sums.py",))] * 2
    assert "points=6" in pair.path.read_text()


def test_a_changed_lesson_goes_into_the_notebook(pair: Pair) -> None:
    def change() -> None:
        pair.path.write_text(pair.path.read_text().replace("# The end", "# An end"))

    check = pair.path.parent / "exercises/total/check.py"
    told = watched(
        pair, nothing, change, nothing,
        lambda: check.write_text(check.read_text().replace("n=3", "n=4")), nothing,
    )  # fmt: skip
    assert told == [Step(NAME, "lesson", ("01_sums.ipynb",))] * 2
    assert "# An end" not in pair.notebook.read_text()
    assert "An end" in pair.notebook.read_text()
    assert "n=4" in pair.notebook.read_text()


def test_a_half_saved_notebook_is_looked_at_again(pair: Pair) -> None:
    data, lesson = pair.notebook.read_bytes(), pair.path.read_bytes()
    told = watched(
        pair,
        nothing,
        lambda: pair.notebook.write_bytes(data[:300]),
        lambda: pair.notebook.write_bytes(data),
    )
    assert told == []
    told = watched(pair, nothing, lambda: pair.notebook.write_bytes(data[:300]), *[nothing] * 5)
    assert [type(one) for one in told] == [UnreadableNotebook]
    assert pair.path.read_bytes() == lesson


def test_an_error_is_told_once_and_the_next_save_is_converted(pair: Pair) -> None:
    def spoil(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "test_total")
        cell.source = cell.source.replace("def test(", "def tests(")

    def mend(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "test_total")
        cell.source = cell.source.replace("def tests(", "def test(")
        set_points(notebook, "test_total", 9)

    told = watched(pair, nothing, save(pair, spoil), nothing, nothing, save(pair, mend), nothing)
    assert isinstance(told[0], SourceError)
    assert told[1:] == [Step(NAME, "notebook", ("01_sums.py",))]


def test_both_edited_is_told_and_ends_with_a_choice(pair: Pair) -> None:
    def both() -> None:
        save(pair, lambda notebook: set_points(notebook, "test_total", 4))()
        pair.path.write_text(pair.path.read_text().replace("# The end", "# An end"))

    told = watched(pair, nothing, both, nothing, lambda: pair.bring_together("notebook"), nothing)
    assert [type(one) for one in told] == [BothEdited]
    assert "points=4" in pair.path.read_text()


def test_a_deleted_notebook_is_made_again(pair: Pair) -> None:
    data = pair.notebook.read_bytes()
    assert watched(pair, nothing, pair.notebook.unlink, nothing) == [
        Step(NAME, "lesson", ("01_sums.ipynb",))
    ]
    assert pair.notebook.read_bytes() == data


def test_jupyterlab_runs_with_the_folders_of_the_course_and_ends_with_the_block(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\necho "$@" "$PYTHONPATH" >&1\nexec sleep 600\n')
    program.chmod(0o755)
    monkeypatch.setattr(session.sys, "executable", str(program))
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    read, write = os.pipe()
    with os.fdopen(read) as said:
        popen = session.subprocess.Popen
        monkeypatch.setattr(
            session.subprocess, "Popen", lambda *a, **k: popen(*a, stdout=write, **k)
        )
        with session.jupyterlab(pair) as lab:
            os.close(write)
            root = pair.course.root
            assert said.readline() == (
                f"-m jupyter lab {pair.notebook} {root}/source:{root}:/elsewhere\n"
            )
            assert lab.poll() is None
        assert lab.poll() is not None
