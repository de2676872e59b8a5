"""Sample hand-ins: the released notebooks with answers written into them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import UsageError
from autograder.submission.file_kinds import WEIGHTS
from autograder.submission.notebook import grade_id_of


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
