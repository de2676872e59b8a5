"""A cell whose type was changed by accident is read with its type in the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.course.source import NotebookBundle
from autograder.notebooks.cell_kinds import is_python
from autograder.results import Outcome
from autograder.submission.submission import read_submission
from tests.courses.asking import asking_bundle, released
from tests.courses.handed_in import as_bytes, as_handed_in, cell_of, code
from tests.courses.tiny import FULL, Grade

KINDS: dict[str, Callable[[str], NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
RIGHT = "def scale(x, k):\n    return x * k"


def become(notebook: NotebookNode, index: int, kind: str, text: str | None = None) -> None:
    was = notebook.cells[index]
    notebook.cells[index] = KINDS[kind](was.source if text is None else text)
    notebook.cells[index].metadata = was.metadata


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("grade_id", ["scale", "test_scale", "setup"])
def test_a_code_cell_of_another_type_costs_nothing_and_is_noted(
    grade: Grade, tiny: NotebookBundle, kind: str, grade_id: str
) -> None:
    notebook = as_handed_in(tiny)
    place = cell_of(notebook, grade_id)
    become(notebook, place, kind)
    graded = grade(notebook)
    assert graded.points == FULL
    was = {"markdown": "text", "raw": "raw text"}[kind]
    note = f"{grade_id}: cell {place + 1} was a {was} cell; it was read as the code cell that it was given as"
    assert graded.result.notes == (note,)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_text_cell_with_the_answer_counts_where_ids_are_lost(
    grade: Grade, tiny: NotebookBundle, kind: str
) -> None:
    notebook = as_handed_in(tiny)
    for index in range(len(notebook.cells)):
        grade_id = notebook.cells[index].metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id in ("setup", "add", "scale"):
            become(notebook, index, kind)
        notebook.cells[index].metadata = {}
    points = grade(notebook).points
    assert (points["test_add"], points["test_scale"]) == (2, 7)


def test_an_answer_in_a_text_cell_wins_over_the_stub_in_code(
    grade: Grade, tiny: NotebookBundle
) -> None:
    stub = "def scale(x, k):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    notebook = as_handed_in(tiny, {"scale": stub})
    notebook.cells.insert(cell_of(notebook, "scale") + 1, new_markdown_cell(RIGHT))
    graded = grade(notebook)
    assert graded["test_scale"].points == 7
    assert "scale: cell 7, a text cell, defines it; it was read as code" in graded.result.notes


def test_written_code_wins_over_an_answer_in_a_text_cell(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny)
    wrong = new_markdown_cell("def scale(x, k):\n    return x + k")
    notebook.cells.insert(cell_of(notebook, "scale") + 1, wrong)
    assert grade(notebook).points == FULL


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (f"```python\n{RIGHT}\n```", 7),
        (f"```\n{RIGHT}\n```", 7),
        (f"My answer:\n\n```py\n{RIGHT}\n```\n\nIt multiplies.", 7),
        (f"%%time\n{RIGHT}", 7),
        (f"```python\nprint('no answer')\n```\n{RIGHT}".replace("def", "define"), 0),
        ("I would multiply x by k.", 0),
    ],
)
def test_a_block_of_code_in_the_answer_s_own_cell_is_read_and_prose_is_not(
    grade: Grade, tiny: NotebookBundle, text: str, points: float
) -> None:
    notebook = as_handed_in(tiny)
    become(notebook, cell_of(notebook, "scale"), "markdown", text)
    test = grade(notebook)["test_scale"]
    assert test.points == points
    assert test.outcome is (Outcome.PASSED if points else Outcome.FAILED)


def test_a_block_of_code_in_another_text_cell_is_prose(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    place = cell_of(notebook, "scale")
    notebook.cells[place] = new_markdown_cell(f"```python\n{RIGHT}\n```")
    assert grade(notebook)["test_scale"].points == 0


def test_a_wrong_answer_of_another_type_is_told_what_is_wrong(
    grade: Grade, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny)
    become(notebook, cell_of(notebook, "scale"), "raw", "def scale(x, k):\n    return x + k")
    assert grade(notebook)["test_scale"].diagnosis == "scale.adds"
    become(notebook, cell_of(notebook, "scale"), "raw", "def scale(x, k):\n    return x +")
    assert "SyntaxError" in grade(notebook)["test_scale"].message


def test_given_text_that_became_code_is_not_run(grade: Grade, tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    become(notebook, 0, "code")
    graded = grade(notebook)
    assert graded.points == FULL
    assert 0 not in graded.result.outputs


def test_code_for_an_open_question_keeps_its_type_and_its_text(tmp_path: Any) -> None:
    bundle = asking_bundle(tmp_path)
    notebook = released(bundle)
    place = cell_of(notebook, "draw")
    become(notebook, place, "markdown", "print('(|)')")
    submission = read_submission(as_bytes(notebook), bundle, {})
    cell = submission.notebook.cells[submission.placement["draw"]]
    assert (cell.cell_type, cell.source) == ("code", "print('(|)')")
    assert submission.answered == {"draw"}


def test_a_text_of_many_fences_is_read_in_one_pass(tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    become(notebook, cell_of(notebook, "scale"), "markdown", "```python\n" * 200_000 + "text")
    assert read_submission(as_bytes(notebook), tiny, {}).answered == {"why"}


@pytest.mark.parametrize("text", ["(" * 5000, "x = " + "-" * 100_000 + "1", "\x00", "'" * 7, ""])
def test_text_that_breaks_the_parser_is_no_python(text: str) -> None:
    assert not is_python(text)


def test_many_odd_cells_are_read(tiny: NotebookBundle) -> None:
    notebook = as_handed_in(tiny)
    notebook.cells += [new_raw_cell("def scale(" * 3) for _ in range(500)]
    notebook.cells += [code("'" * n) for n in range(50)]
    assert read_submission(as_bytes(notebook), tiny, {}).placement["scale"] == cell_of(
        notebook, "scale"
    )
