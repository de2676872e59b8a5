from __future__ import annotations

import base64
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.release import figures
from autograder.release.figures import (
    FIGURE_BYTES,
    NEEDS_ANSWER,
    NOTEBOOK_BYTES,
    are_marked,
    fits,
    mark_figures,
    same_cells,
    same_release,
    with_figures,
)
from tests.courses.pictures import noise, png_of

ANSWER = {"nbgrader": {"solution": True, "grade": False, "grade_id": "double"}}


def picture(number: int = 0, size: int = 8) -> NotebookNode:
    data = base64.b64encode(png_of(noise(size, size + number))).decode()
    return new_output("display_data", {"image/png": data, "text/plain": f"<Figure {number}>"})


def printed(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", text=text, name=name)


def failed() -> NotebookNode:
    return new_output("error", ename="NotImplementedError", evalue="", traceback=[])


def code(cell_id: str, source: str, *outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    cell = new_code_cell(source, outputs=list(outputs), metadata=metadata)
    cell.id = cell_id
    return cell


def figure(cell_id: str, *outputs: NotebookNode, source: str = "draw()") -> NotebookNode:
    return code(cell_id, source, *outputs, tags=["figure"])


def notebook(*cells: NotebookNode) -> NotebookNode:
    return new_notebook(cells=[code("setup", "x = 1"), *cells])


def worked_and_marked(worked: NotebookNode, drawn: NotebookNode) -> NotebookNode:
    mark_figures(worked, drawn)
    return worked


def shown(released: NotebookNode, worked: NotebookNode) -> list[list[NotebookNode]]:
    return [cell.outputs for cell in with_figures(released, worked).cells[1:]]


# ------------------------------------------------------------------ which figures need no answer


@pytest.mark.parametrize(
    ("drawn", "needs_answer"),
    [
        ([picture()], False),
        ([printed("a"), picture()], True),
        ([picture(1)], True),
        ([], True),
        ([picture(), failed()], True),
        ([picture(), printed("/tmp/x.py: UserWarning", "stderr")], False),
    ],
)
def test_a_figure_needs_no_answer_if_it_is_drawn_alike_without(
    drawn: list[NotebookNode], needs_answer: bool
) -> None:
    worked = worked_and_marked(notebook(figure("f", picture())), notebook(figure("f", *drawn)))
    assert worked.cells[1].metadata[NEEDS_ANSWER] is needs_answer


def test_a_worked_notebook_from_before_has_no_marks_and_runs_again() -> None:
    assert not are_marked(notebook(figure("f", picture())))
    assert are_marked(notebook(figure("f")))  # was never run
    marked = worked_and_marked(notebook(figure("f", picture())), notebook(figure("f")))
    assert are_marked(marked)


# -------------------------------------------------------------------------------- released files


def test_only_figures_that_need_no_answer_are_shown() -> None:
    worked = notebook(figure("f", picture()), figure("g", picture(1)))
    mark_figures(worked, notebook(figure("f", picture()), figure("g", picture(2))))
    first, second = shown(notebook(figure("f"), figure("g")), worked)
    assert [list(one.data) for one in first] == [["image/png"]]
    assert second == []


def test_a_figure_without_a_mark_is_not_shown() -> None:
    assert shown(notebook(figure("f")), notebook(figure("f", picture()))) == [[]]


def test_other_kinds_of_outputs_are_never_shown() -> None:
    html = new_output("display_data", {"text/html": "<b>", "application/json": {}})
    result = new_output("execute_result", {"text/plain": "3", "text/html": "3"}, execution_count=7)
    outputs = [printed("out"), printed("err", "stderr"), html, result, picture()]
    worked = notebook(figure("f", *outputs))
    mark_figures(worked, notebook(figure("f", *outputs)))
    (found,) = shown(notebook(figure("f")), worked)
    assert [(one.output_type, list(one.get("data", {}))) for one in found] == [
        ("stream", []),
        ("display_data", ["text/plain"]),
        ("display_data", ["image/png"]),
    ]


def test_a_figure_of_a_worked_notebook_with_other_code_is_not_shown() -> None:
    worked = notebook(figure("f", picture()))
    mark_figures(worked, notebook(figure("f", picture())))
    released = notebook(figure("f"))
    assert fits(released, worked)
    released.cells[0].source = "x = 2"
    assert not fits(released, worked)
    assert shown(released, worked) == [[]]


def test_an_answer_and_prose_may_differ_from_the_worked_notebook() -> None:
    worked = notebook(code("double", "def double(x):\n    return 2 * x"), figure("f", picture()))
    mark_figures(worked, worked)
    released = notebook(code("double", "raise NotImplementedError()", **ANSWER), figure("f"))
    released.cells.insert(1, nbformat.v4.new_markdown_cell("Another word."))
    assert fits(released, worked)
    assert [bool(outputs) for outputs in shown_code(released, worked)] == [False, True]


def shown_code(released: NotebookNode, worked: NotebookNode) -> list[Any]:
    found = with_figures(released, worked)
    return [cell.outputs for cell in found.cells[1:] if cell.cell_type == "code"]


def test_a_released_figure_has_at_most_its_bytes() -> None:
    worked = notebook(figure("f", picture(size=300)), figure("g", printed("x" * 50_000)))
    mark_figures(worked, worked)
    first, second = shown(notebook(figure("f"), figure("g")), worked)
    assert 0 < len(first[0].data["image/png"]) <= FIGURE_BYTES
    assert first[0].metadata["image/png"] == {"width": 300, "height": 300}
    assert second == []


def test_a_released_notebook_has_at_most_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [figure(f"f{n}", picture(n, size=100)) for n in range(6)]
    worked = notebook(*cells)
    mark_figures(worked, worked)
    monkeypatch.setattr(figures, "NOTEBOOK_BYTES", 150_000)
    released = notebook(*(figure(f"f{n}") for n in range(6)))
    found = with_figures(released, worked)
    assert len(nbformat.writes(found)) < 150_000
    assert all(cell.outputs for cell in found.cells[1:])
    monkeypatch.setattr(figures, "NOTEBOOK_BYTES", 10_000)
    assert not any(cell.outputs for cell in with_figures(released, worked).cells[1:])
    assert NOTEBOOK_BYTES == 1_000_000


# ----------------------------------------------------------------------------------- freshness


def test_two_releases_are_the_same_with_other_bytes_in_a_figure() -> None:
    one, other = (as_bytes(notebook(figure("f", picture(n)))) for n in (1, 2))
    assert same_release(one, other, ".ipynb")


@pytest.mark.parametrize(
    "other",
    [
        notebook(figure("f"), figure("g")),
        notebook(figure("f"), figure("g", picture())),
        notebook(figure("f", printed("a"), picture()), figure("g")),
        notebook(figure("f", picture(), source="draw(1)"), figure("g")),
        notebook(figure("f", picture()), code("g", "draw()")),
    ],
    ids=["no figure", "of another cell", "more text", "another cell", "other metadata"],
)
def test_two_releases_differ(other: NotebookNode) -> None:
    one = as_bytes(notebook(figure("f", picture()), figure("g")))
    assert not same_release(one, as_bytes(other), ".ipynb")


def test_outputs_alone_make_no_other_cells() -> None:
    one, other = notebook(figure("f")), notebook(figure("f", picture()))
    assert same_cells(as_bytes(one), as_bytes(other))
    assert not same_cells(as_bytes(one), as_bytes(notebook(figure("f", source="draw(1)"))))


def test_a_file_that_is_no_notebook_differs() -> None:
    assert not same_release(b"{", as_bytes(notebook()), ".ipynb")
    assert not same_release(b"1", b"2", ".csv")


def as_bytes(made: NotebookNode) -> bytes:
    text: str = nbformat.writes(made)
    return text.encode()
