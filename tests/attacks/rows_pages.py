"""Rows 26 and 32 for pages: output of hidden cases, and texts that are slow to render."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode, v4

from autograder.results import Outcome
from tests.attacks.kinds import FULL, Attack, handed_in

SILENT = "text that is printed or raised after hidden cases have run is dropped"
BOUNDED = "texts are shortened before they are shown, and a page has seconds and memory"
MARK = "LEAKED"  # before each number of a hidden case

_COLLECT = f"""
seen = []
def told():
    return " ".join(f"{MARK}{{a}}" for a in seen)
def add(a, b):
    seen.append(a)
    HOW
    return a + b
"""
_WAYS = {
    "print": "print(told())",
    "stderr": "import sys; print(told(), file=sys.stderr)",
    "the descriptor": "import os; os.write(1, told().encode())",
    "warnings": "import warnings; warnings.warn(told())",
    "logging": "import logging; logging.error(told())",
    "display": "from IPython.display import display; display(told())",
    "a figure's title": "import matplotlib.pyplot as p; p.figure(); p.title(told())",
}


def _tells(way: str, how: str) -> Attack:
    return Attack(
        26, f"the inputs of hidden cases by {way}", SILENT, {"add": _COLLECT.replace("HOW", how)},
        earns=dict(FULL), outcomes=(Outcome.NEEDS_MANUAL_GRADE,),
    )  # fmt: skip


def _later(name: str, source: str) -> Attack:
    """Inputs are collected; a cell after the test tells them."""

    def change(notebook: NotebookNode) -> None:
        place = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
        notebook.cells.insert(place.index("test_add") + 1, v4.new_code_cell(source))

    return Attack(
        26, name, SILENT, {"add": _COLLECT.replace("HOW", "pass")}, change=change,
        earns=dict(FULL), outcomes=(Outcome.NEEDS_MANUAL_GRADE,),
    )  # fmt: skip


def _full_of(name: str, *cells: Callable[[], Any]) -> Attack:
    """A right notebook with the student's own cells, which are hard to show."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells += [cell() for cell in cells]

    return handed_in(32, name, change, BOUNDED)


def _text(source: str, **more: Any) -> Callable[[], Any]:
    return lambda: v4.new_markdown_cell(source, **more)


_BIG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(9_000_000)).decode()
ATTACKS: list[Attack] = [
    *(_tells(way, how) for way, how in _WAYS.items()),
    _later("a later cell prints the inputs that it collected", "print(told())"),
    _later("a later cell raises the inputs that it collected", "raise ValueError(told())"),
    _later(
        "a later cell raises a class named after the inputs",
        "raise type(told(), (Exception,), {})()",
    ),
    _full_of("a page of a megabyte of a.a.", lambda: v4.new_code_cell("1 #" + "a." * 500_000)),
    _full_of("a page with a deep quotation", _text(">" * 100_000 + "x"), _text("> " * 9_000 + "x")),
    _full_of("a page of brackets and stars", _text("[" * 500_000), _text("*a _b " * 50_000)),
    _full_of("a page of one huge formula", _text("$" + "{" * 200_000 + "}" * 200_000 + "$")),
    _full_of("a page of thousands of cells", *[_text("*x*")] * 4_000),
    _full_of(
        "a page with an enormous picture",
        _text("![p](attachment:p.png)", attachments={"p.png": {"image/png": _BIG}}),
    ),
    _full_of("a page with a picture that is not there", _text("![p](attachment:p.png)")),
]
