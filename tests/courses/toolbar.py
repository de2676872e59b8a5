"""Edits of a notebook as JupyterLab and nbgrader's create-assignment toolbar write them."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

_KINDS = {  # grade, locked, solution, task
    "manual": (True, False, True, False),
    "tests": (True, True, False, False),
    "solution": (False, False, True, False),
    "readonly": (False, True, False, False),
    "task": (False, True, False, True),
}


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell with an id."""
    (found,) = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found


def set_kind(cell: NotebookNode, kind: str, grade_id: str, points: float = 0) -> NotebookNode:
    """Choose a kind for a cell: all facts of nbgrader are written anew."""
    grade, locked, solution, task = _KINDS[kind]
    facts: dict[str, Any] = {"grade": grade, "grade_id": grade_id, "locked": locked}
    if grade or task:
        facts["points"] = points
    facts |= {"schema_version": 3, "solution": solution, "task": task}
    cell.metadata["nbgrader"] = NotebookNode(facts)
    return cell


def set_points(notebook: NotebookNode, grade_id: str, points: float) -> None:
    """Change the points of a cell."""
    cell_of(notebook, grade_id).metadata["nbgrader"]["points"] = points


def set_id(notebook: NotebookNode, grade_id: str, new: str) -> None:
    """Change the id of a cell."""
    cell_of(notebook, grade_id).metadata["nbgrader"]["grade_id"] = new


def new_cell(kind: str, grade_id: str, source: str, points: float = 0) -> NotebookNode:
    """A new cell of code with a kind."""
    return set_kind(new_code_cell(source), kind, grade_id, points)


def as_used(notebook: NotebookNode) -> NotebookNode:
    """The notebook after its cells ran, with the traces of editors and of a release."""
    for number, cell in enumerate(notebook.cells):
        cell.id = f"other{number}"
        cell.metadata |= {"collapsed": False, "scrolled": True}
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [NotebookNode(output_type="stream", name="stdout", text="printed\n")]
            cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
            cell.metadata.setdefault("jupyter", {})["outputs_hidden"] = True
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["checksum"] = "0" * 32
            cell.metadata |= {"deletable": False, "editable": False}
    notebook.cells.append(new_code_cell(""))
    return notebook
