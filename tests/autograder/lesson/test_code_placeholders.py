from __future__ import annotations

import ast

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.lesson.code_placeholders import fill_code_placeholders, sections

NBGRADER = {"grade": True, "solution": False}


def lesson(*sources: str) -> NotebookNode:
    """Two sections with an exercise each, an exercise without points, and a question."""
    given = [new_code_cell(source) for source in sources]
    return new_notebook(
        cells=[
            *given,
            new_markdown_cell("# The title\n\n## Before"),
            new_markdown_cell("text\n\n## 1 Slide, *multiply*, add\n\n```\n## no heading\n```"),
            new_code_cell("def a(): ...", metadata={"exercise": "a"}),
            new_code_cell("a()", metadata=_test("try_a", "a", 0)),
            new_code_cell("", metadata=_test("test_a", "a", 2)),
            new_markdown_cell('### 1.1 "More" of it\ntext "@NOTEBOOKS@"'),
            new_code_cell("def b(): ...", metadata={"exercise": "b"}),
            new_code_cell("b()", metadata=_test("try_b", "b", 0)),
            new_markdown_cell("", metadata={"nbgrader": _facts("why", 1) | {"solution": True}}),
        ]
    )


def _facts(grade_id: str, points: float) -> dict[str, object]:
    return {**NBGRADER, "grade_id": grade_id, "points": points}


def _test(grade_id: str, exercise: str, points: float) -> dict[str, object]:
    return {"exercise": exercise, "nbgrader": _facts(grade_id, points)}


def test_the_section_of_an_exercise_is_the_last_heading_above_it() -> None:
    assert sections(lesson()) == {"a": "1 Slide, *multiply*, add", "b": '1.1 "More" of it'}
    assert sections(new_notebook()) == {}


def test_placeholders_in_code_become_python() -> None:
    notebook = lesson('found = ["@GRADED_CELLS@", "@SECTIONS@", "@ASSIGNMENT@", "@NOTEBOOKS@"]')
    fill_code_placeholders(notebook, "conv", ["01_a", "02_b"])
    names: dict[str, object] = {}
    exec(notebook.cells[0].source, names)
    assert names["found"] == [
        ["test_a", "why"],  # not the visible tests, which are worth no points
        {"a": "1 Slide, *multiply*, add", "b": '1.1 "More" of it'},
        "conv",
        ["01_a", "02_b"],
    ]


def test_other_texts_and_prose_stay() -> None:
    code = "email = 'a@GRADED_CELLS@b'\nother = \"@OTHER@\""
    notebook = lesson(code)
    fill_code_placeholders(notebook, "conv", ["01_a"])
    assert notebook.cells[0].source == code
    assert '"@NOTEBOOKS@"' in notebook.cells[6].source


def test_long_lists_stay_within_a_line() -> None:
    notebook = lesson('names = "@NOTEBOOKS@"')
    fill_code_placeholders(notebook, "conv", [f"{n:02}_{'x' * 20}" for n in range(40)])
    ast.parse(notebook.cells[0].source)
    assert max(map(len, notebook.cells[0].source.splitlines())) < 110
