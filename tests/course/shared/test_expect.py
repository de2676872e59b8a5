"""The visible tests' verb: the words about a wrong result."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade
from nbgrader.validator import Validator

from autograder.checks import CheckContext
from autograder.course.source import SourceCell
from autograder.grading.test_cell import TestCell
from autograder.lesson.shared_code import SharedCode
from autograder.results import Outcome
from source.shared import expect as expect_module
from source.shared.expect import WrongResult, compare_results, expect

ROOT = Path(__file__).resolve().parents[3]
RAMP = torch.arange(216.0).reshape(2, 3, 6, 6)
MOVED = RAMP.clone()
MOVED[1, 2, 3, 4] += 7.5
MOVED[0, 0, 0, 0] -= 1


def said(got: Any, expected: Any, atol: float | None = None) -> list[str]:
    """The lines of a failing test, the first of which is its name."""
    with pytest.raises(WrongResult) as caught:
        expect("corr2d: an example", got, expected, atol)
    name, *lines = str(caught.value).splitlines()
    assert name == "corr2d: an example"
    return lines


WRONG: dict[str, tuple[Any, Any, str, str]] = {
    "an integer": (4, 5, "4", "5"),
    "a float for an integer": (5.0, 5, "5.0, of type float", "5, an integer"),
    "text for a number": ("a", 0.5, "'a', of type str", "0.5, a number"),
    "a number": (0.25, 0.5, "0.25", "0.5"),
    "nothing": (None, 3, "None: does every path end in a return?", "3"),
    "something": (3, None, "3, of type int", "None"),
    "a truth value": (False, True, "False", "True"),
    "numpy's truth value": (
        np.bool_(True),
        True,
        f"{np.bool_(True)!r}, of type numpy.{np.bool_.__name__}",
        "True, of type bool",
    ),
    "text": ("a", "b", "'a'", "'b'"),
    "a tuple": ((1, 2), (0, 1), "(1, 2)", "(0, 1)"),
    "no tuple": (7, (0, 1), "7, of type int", "(0, 1)"),
    "too few values": ([1], [1, 2], "1 value: [1]", "2 values: [1, 2]"),
    "a long list": (
        [*range(99), -1, -2],
        list(range(101)),
        "value 99 of 101: -1",
        "value 99 of 101: 99 (wrong too: value 100)",
    ),
    "a table": (
        [("Input", (3, 8, 8), None), ("Conv2d", (4, 7, 7), (4, 3, 2, 2)), ("ReLU", (1,), None)] * 2,
        [("Input", (3, 8, 8), None), ("Conv2d", (4, 8, 8), (4, 3, 2, 2)), ("ReLU", (1,), None)] * 2,
        "value 1 of 6: ('Conv2d', (4, 7, 7), (4, 3, 2, 2))",
        "value 1 of 6: ('Conv2d', (4, 8, 8), (4, 3, 2, 2)) (wrong too: value 4)",
    ),
    "no tensor": (
        [[19.0]],
        torch.tensor([[19.0]]),
        "[[19.0]], of type list",
        "a torch.Tensor of shape (1, 1), float32",
    ),
    "a shape": (
        torch.zeros(4, 4),
        torch.zeros(3, 3),
        "a torch.Tensor of shape (4, 4), float32",
        "a torch.Tensor of shape (3, 3), float32",
    ),
    "a dtype": (
        torch.zeros(2, dtype=torch.float64),
        torch.zeros(2),
        "a torch.Tensor of shape (2,), float64",
        "a torch.Tensor of shape (2,), float32",
    ),
    "a small tensor": (
        torch.tensor([[19.0, 25.0], [37.0, 44.0]]),
        torch.tensor([[19.0, 25.0], [37.0, 43.0]]),
        "[[19, 25], [37, 44]]",
        "[[19, 25], [37, 43]]",
    ),
    "a large tensor": (
        MOVED,
        RAMP,
        "209.5 at [1, 2, 3, 4], the largest error; 2 of 216 numbers are wrong",
        "202 there; a torch.Tensor of shape (2, 3, 6, 6), float32",
    ),
    "a small tensor with long numbers": (
        torch.full((30,), 1 / 3),
        torch.full((30,), 2 / 3),
        "0.33333 at [0], the largest error; 30 of 30 numbers are wrong",
        "0.66667 there; a torch.Tensor of shape (30,), float32",
    ),
    "a nan": (torch.tensor([1.0, torch.nan]), torch.ones(2), "[1, nan]", "[1, 1]"),
    "an infinity": (torch.tensor([torch.inf, 1.0]), torch.ones(2), "[inf, 1]", "[1, 1]"),
    "truth values": (torch.tensor([True]), torch.tensor([False]), "[1]", "[0]"),
    "digits until they differ": (
        torch.tensor([1.0000002], dtype=torch.float64),
        torch.ones(1, dtype=torch.float64),
        "[1.0000002]",
        "[1]",
    ),
    "one of several tensors": (
        (torch.ones(2), torch.zeros(2), torch.zeros(3)),
        (torch.ones(2), torch.ones(2), torch.ones(3)),
        "value 1 of 3: [0, 0]",
        "value 1 of 3: [1, 1] (wrong too: value 2)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_result_is_told_in_one_line_each(case: str) -> None:
    got, expected, *words = WRONG[case]
    assert said(got, expected) == [f"  got      {words[0]}", f"  expected {words[1]}"]


@pytest.mark.parametrize(
    "value",
    [
        "x" * 500,
        list(range(1000)),
        ["layer.weight"] * 300,
        torch.randn(3, 4),
        torch.randn(100, 100),
        np.arange(1000).reshape(10, 100),
        torch.nn.Sequential(*[torch.nn.Linear(3, 3) for _ in range(9)]),
        {str(n): n for n in range(99)},
        [torch.randn(50, 50)] * 40,
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("expected", [7, 0.5, "text", (1, 2), torch.zeros(3, 4), None, True])
def test_every_line_is_short(value: Any, expected: Any) -> None:
    lines = said(value, expected)
    assert [line[:11] for line in lines] == ["  got      ", "  expected "]
    assert max(map(len, lines)) < 120


def test_what_is_right_prints_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    right: list[tuple[Any, Any]] = [
        (5, 5), (np.int64(5), 5), (torch.tensor(5), 5), (0.5, 0.5), (torch.tensor(0.5), 0.5),
        (True, True), ("a", "a"), (None, None), ([1, 2], (1, 2)), ((1, 2.0), [1, 2.00001]),
        (RAMP, RAMP), (RAMP * (1 + 1e-5), RAMP), (torch.zeros(0, 3), torch.zeros(0, 3)),
        (torch.tensor([True]), torch.tensor([True])), (torch.tensor([3]), torch.tensor([3])),
        (torch.tensor([torch.inf]), torch.tensor([torch.inf])), ({"a": 1}, {"a": 1}),
        (torch.ones(2, requires_grad=True), torch.ones(2)), ([RAMP, (RAMP, 1)], (RAMP, [RAMP, 1])),
    ]  # fmt: skip
    for got, expected in right:
        assert compare_results(got, expected) is None
        expect("corr2d: an example", got, expected)
    assert capsys.readouterr().out == "ok   corr2d: an example\n" * len(right)


def test_the_tolerance_may_be_given() -> None:
    assert compare_results(torch.tensor([1.05]), torch.ones(1), atol=0.1) is None
    assert said(torch.tensor([1.05]), torch.ones(1), atol=0.01)
    assert compare_results((1.05,), (1.0,), atol=0.1) is None


def test_it_names_the_section_to_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sections = {"corr2d": "1 Slide, multiply, add", "corr2d_fast": "2 Fast"}
    monkeypatch.setattr(expect_module, "SECTIONS", sections)
    assert said(1, 2)[2] == 'Read again: section "1 Slide, multiply, add".'
    with pytest.raises(WrongResult, match=r'section "2 Fast"\.$'):
        expect("corr2d_fast(3, 3): a name with more behind it", 1, 2)
    with pytest.raises(WrongResult) as caught:
        expect("something of no section", 1, 2)
    assert "section " not in str(caught.value).splitlines()[-1]


def test_python_sees_an_ordinary_assertion_error() -> None:
    with pytest.raises(AssertionError, match=r"^corr2d: an example\n  got      1\n  expected 2$"):
        expect("corr2d: an example", 1, 2)


@pytest.fixture(scope="module")
def notebook() -> NotebookNode:
    """Three visible tests of a release: a right one, a wrong one, and a test whose function raises."""
    cells = [
        new_code_cell("from shared.expect import expect", metadata=_locked("setup_tests")),
        new_code_cell(
            "def twice(x):\n    return x + 1\n\n\ndef half(x):\n    return x / zero",
            metadata=_locked("answers"),
        ),
        new_code_cell('expect("twice: of 1", twice(1), 2)', metadata=_locked("try_one", 0)),
        new_code_cell('expect("twice: of 3", twice(3), 6)', metadata=_locked("try_three", 0)),
        new_code_cell('expect("half: of 4", half(4), 2)', metadata=_locked("try_half", 0)),
    ]
    made = new_notebook(cells=cells)
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    SharedCode(ROOT / "source" / "shared").copy_into(made)
    return made


def _locked(grade_id: str, points: int | None = None) -> dict[str, Any]:
    given = {"grade_id": grade_id, "schema_version": 3, "solution": False, "task": False}
    given |= {"locked": True, "grade": points is not None, "cell_type": "code"}
    return {"nbgrader": given | ({} if points is None else {"points": points})}


@pytest.mark.slow
def test_a_notebook_shows_the_lines_and_nbgrader_sees_the_failure(
    notebook: NotebookNode, tmp_path: Path
) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(notebook, path)
    found = Validator().validate(str(path))
    told = [one["raw_error"] for one in found["failed"]]
    assert len(told) == 2
    assert told[0] == "\x1b[1;31mwrong\x1b[0m twice: of 3\n  got      4\n  expected 6"
    assert "x / zero" in told[1]  # the student's own traceback
    assert "name 'zero' is not defined" in told[1]
    out = io.StringIO()
    printing = Validator()
    printing.stream = out
    printing.validate_and_print(str(path))
    assert "    wrong twice: of 3\n      got      4\n      expected 6\n" in out.getvalue()


@pytest.mark.slow
def test_stock_nbgrader_gives_a_failing_cell_no_points(notebook: NotebookNode) -> None:
    from nbclient import NotebookClient

    NotebookClient(notebook, allow_errors=True).execute()
    for cell in notebook.cells[2:]:
        cell.metadata.nbgrader.points = 2
    assert [determine_grade(cell)[0] for cell in notebook.cells[2:]] == [2, 0, 0]
    failed = notebook.cells[3].outputs
    assert [(one.output_type, one.ename) for one in failed] == [("error", "WrongResult")]


def test_the_grader_reports_the_lines() -> None:
    source = 'expect("twice: of 3", twice(3), 6)'
    cell = SourceCell(0, "code", source, "try_twice", "twice", frozenset(), True, False, 1.0)
    names = {"twice": lambda x: x + 1}
    result = TestCell(cell).run({"expect": expect}, names.__getitem__, CheckContext(7))
    assert result.outcome is Outcome.FAILED
    assert result.message == "twice: of 3\n  got      4\n  expected 6"
