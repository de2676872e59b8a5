"""A lesson as a notebook for JupyterLab, with a mark that tells later edits.

The notebook holds the lesson's cells with nbgrader's metadata. A graded cell holds the text of its
check between the marks of hidden tests. Placeholders and imports of shared code stay as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.lesson.check_module import EXERCISES, cell_of_check
from autograder.lesson.edited_cell import awaits_check, exercise_of, is_empty, plain_cell, points_of
from autograder.lesson.text import read_lesson

_MARK = "autograder"  # the key in a notebook's metadata
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Lesson:
    """The text of a lesson, and the texts of its checks by exercise."""

    text: str
    checks: Mapping[str, str] = field(default_factory=dict)
    name: str = field(default="lesson", compare=False)  # of the file, for messages

    @cached_property
    def cells(self) -> tuple[NotebookNode, ...]:
        """The cells, to be copied before a change. Raises SourceError for a bad header."""
        return tuple(read_lesson(self.text, self.name).cells)

    @property
    def digest(self) -> str:
        """A digest of the cells and checks; spaces in headers do not count."""
        cells = [[cell.cell_type, cell.source, cell.metadata] for cell in self.cells]
        checks = {name: plain_check(text) for name, text in self.checks.items()}
        return _digest([cells, sorted(checks.items())])

    @property
    def own_checks(self) -> list[str]:
        """The exercises whose hidden tests stand in modules of their own."""
        return [exercise_of(cell) for cell in self.cells if awaits_check(cell)]


@dataclass(frozen=True)
class Mark:
    """The digests of a lesson and of its notebook at the last time that they said the same."""

    lesson: str
    notebook: str


def plain_check(text: str) -> str:
    """The text of a check without blank lines around it."""
    return text.strip("\n").rstrip() + "\n"


def to_notebook(lesson: Lesson) -> NotebookNode:
    """The notebook of a lesson, with a mark that tells later edits.

    Raises SourceError for a bad header, and for a check that is not Python or has no function
    ``test``.
    """
    notebook = new_notebook(cells=deepcopy(list(lesson.cells)), metadata=deepcopy(_METADATA))
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if awaits_check(cell):
            exercise = exercise_of(cell)
            path = Path(lesson.name).parent / EXERCISES / exercise / "check.py"
            text = plain_check(lesson.checks[exercise]).rstrip("\n")
            cell.source = cell_of_check(text, path, exercise, points_of(cell))
    mark = Mark(lesson.digest, notebook_digest(notebook))
    notebook.metadata[_MARK] = {"lesson": mark.lesson, "notebook": mark.notebook}
    return notebook


def mark_of(notebook: NotebookNode) -> Mark | None:
    """The mark in a notebook that was made of a lesson; None in every other notebook."""
    found = notebook.metadata.get(_MARK)
    if not isinstance(found, dict) or not {"lesson", "notebook"} <= found.keys():
        return None
    return Mark(str(found["lesson"]), str(found["notebook"]))


def notebook_digest(notebook: NotebookNode) -> str:
    """A digest of a notebook's cells.

    Outputs, the state of the view and empty cells at the end do not count.
    """
    cells = [plain_cell(cell) for cell in notebook.cells]
    while cells and is_empty(cells[-1]):
        del cells[-1]
    return _digest([[cell.cell_type, cell.source, cell.metadata] for cell in cells])


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
