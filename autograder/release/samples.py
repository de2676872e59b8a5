"""Sample hand-ins: the released notebooks with answers written into them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearOutput

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import UsageError
from autograder.files.file_kinds import WEIGHTS
from autograder.notebooks.notebook import grade_id_of


class Samples:
    """The released notebooks and the reference's weights of one assignment, each read once."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course = course
        self._assignment = assignment
        self._released: dict[str, NotebookNode] = {}

    def released(self, bundle: NotebookBundle) -> NotebookNode:
        """A copy of the notebook that students get, without figures: a sample stays small.

        Raises UsageError if the assignment is not released.
        """
        if bundle.name not in self._released:
            notebook = released_notebook(self._course, bundle)
            self._released[bundle.name] = ClearOutput().preprocess(notebook, {})[0]
        return copy.deepcopy(self._released[bundle.name])

    @cached_property
    def weights(self) -> dict[str, bytes]:
        """The weights that the worked notebooks have trained, by file name."""
        return reference_weights(self._course, self._assignment)


def released_notebook(course: Course, bundle: NotebookBundle) -> NotebookNode:
    """The notebook that students get.

    Raises UsageError if the assignment is not released.
    """
    path = released_path(course, bundle)
    if not path.is_file():
        raise UsageError(f"{path} is not there; run `autograder release {bundle.assignment}` first")
    return nbformat.read(path, as_version=4)


def released_path(course: Course, bundle: NotebookBundle) -> Path:
    """The path of the released notebook."""
    return course.assignments / bundle.assignment / f"{bundle.name}.ipynb"


def answered(
    released: NotebookNode, answers: Mapping[str, str], essays: Mapping[str, str] | None = None
) -> NotebookNode:
    """A copy of a released notebook with answers (grade_id -> text of the cell) written in."""
    notebook = copy.deepcopy(released)
    texts = {**answers, **(essays or {})}
    for cell in notebook.cells:
        grade_id = grade_id_of(cell)
        if grade_id in texts:
            cell.source = texts[grade_id]
    return notebook


def reference_weights(course: Course, assignment: str) -> dict[str, bytes]:
    """The weights that the worked notebooks have trained, by file name."""
    files = sorted((course.solutions / assignment).glob(f"*{WEIGHTS}"))
    return {path.name: path.read_bytes() for path in files}


def reference_answers(bundle: NotebookBundle) -> dict[str, str]:
    """The reference's answer to every exercise, by the grade_id of its cell."""
    return {cell.grade_id: cell.solution for cell in bundle.answers}
