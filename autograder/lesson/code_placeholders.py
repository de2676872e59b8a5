"""Placeholders in a lesson's code: graded cells, sections, and the assignment's notebooks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pprint import pformat

from nbformat import NotebookNode

_HEADING = re.compile(r"^#{2,3} +(.*\S)", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_WIDTH = 96  # columns


def fill_code_placeholders(
    notebook: NotebookNode, assignment: str, notebooks: Sequence[str]
) -> None:
    """Fill in the placeholders of a notebook's code cells, in place.

    Each is a text in double quotes: ``"@GRADED_CELLS@"`` becomes the list of the ids of the cells
    worth points, ``"@SECTIONS@"`` the dictionary of ``sections``, ``"@ASSIGNMENT@"`` and
    ``"@NOTEBOOKS@"`` the arguments.
    """
    facts = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    values = {
        "GRADED_CELLS": [
            one.get("grade_id") for one in facts if one.get("grade") and one.get("points")
        ],
        "SECTIONS": sections(notebook),
        "ASSIGNMENT": assignment,
        "NOTEBOOKS": list(notebooks),
    }
    for cell in notebook.cells:
        if cell.cell_type == "code" and '"@' in cell.source:
            for name, value in values.items():
                text = pformat(value, width=_WIDTH, sort_dicts=False, compact=True)
                cell.source = cell.source.replace(f'"@{name}@"', text)


def sections(notebook: NotebookNode) -> dict[str, str]:
    """The heading above the first cell of each exercise, such as ``1 Slide, multiply, add``."""
    found: dict[str, str] = {}
    heading = ""
    for cell in notebook.cells:
        exercise = cell.metadata.get("exercise", "")
        if exercise and heading:
            found.setdefault(exercise, heading)
        elif cell.cell_type == "markdown":
            heading = [heading, *_HEADING.findall(_FENCED.sub("", cell.source))][-1]
    return found
