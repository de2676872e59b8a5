"""A lesson as a notebook for JupyterLab."""

from __future__ import annotations

import nbformat
import pytest

from autograder.errors import SourceError
from autograder.pairing.paired import (
    Lesson,
    mark_of,
    notebook_digest,
    to_notebook,
)
from tests.courses.lessons import CHECKS, LESSON
from tests.courses.toolbar import as_used, cell_of

DEMO = Lesson(LESSON, CHECKS)


def test_the_notebook_holds_the_cells_with_nbgraders_metadata() -> None:
    notebook = to_notebook(DEMO)
    nbformat.validate(notebook)
    assert notebook.cells[0].source == "# Sums\n\n@POINTS:why@ point for a word."
    assert "### BEGIN SOLUTION\n    return x.sum()" in cell_of(notebook, "total").source
    assert cell_of(notebook, "why").metadata["nbgrader"]["points"] == 1
    assert notebook.metadata["kernelspec"]["name"] == "python3"


def test_a_graded_cell_holds_its_check_as_hidden_tests() -> None:
    assert cell_of(to_notebook(DEMO), "test_total").source == (
        "# total, 2 points: hidden tests run here when your notebook is graded.\n"
        f"### BEGIN HIDDEN TESTS\n{CHECKS['total']}\ntest(total).worth(2)\n### END HIDDEN TESTS"
    )


def test_shared_code_stays_an_import() -> None:
    line = "from shared.shapes import circle"
    checks = {**CHECKS, "total": f"{line}\n\n{CHECKS['total']}"}
    notebook = to_notebook(Lesson(LESSON.replace("import torch", line), checks))
    assert notebook.cells[1].source == line
    assert line in cell_of(notebook, "test_total").source


def test_the_mark_tells_an_edit_and_not_a_run() -> None:
    notebook = to_notebook(DEMO)
    mark = mark_of(notebook)
    assert mark is not None
    assert mark.lesson == DEMO.digest
    assert notebook_digest(notebook) == mark.notebook
    notebook.cells.pop(0)
    assert notebook_digest(notebook) != mark.notebook
    used = as_used(to_notebook(DEMO))
    del used.cells[-1]
    assert notebook_digest(used) == mark.notebook


def test_the_digest_of_a_lesson_sees_cells_and_checks_and_not_spaces() -> None:
    assert Lesson(LESSON.replace("minutes=5 ", "minutes=5   "), CHECKS).digest == DEMO.digest
    assert Lesson(LESSON.replace("minutes=5", "minutes=6"), CHECKS).digest != DEMO.digest
    assert Lesson(LESSON, {**CHECKS, "twice": CHECKS["total"]}).digest != DEMO.digest


def test_exercises_with_checks_are_those_with_an_empty_graded_cell() -> None:
    assert DEMO.own_checks == ["total", "twice"]
    inline = LESSON.replace('points=2 "the sum"\n', "points=2\nassert total([]) == 0\n")
    assert Lesson(inline).own_checks == ["twice"]


def test_a_check_without_a_test_is_told_with_its_file() -> None:
    with pytest.raises(SourceError, match=r"demo/exercises/total/check\.py: a check defines one"):
        to_notebook(Lesson(LESSON, {**CHECKS, "total": "x = 1\n"}, "demo/01_sums.py"))


@pytest.mark.parametrize("metadata", [{}, {"autograder": 3}, {"autograder": {"lesson": "x"}}])
def test_another_notebook_has_no_mark(metadata: dict[str, object]) -> None:
    assert mark_of(nbformat.v4.new_notebook(metadata=metadata)) is None
