"""One cell of a notebook that was edited in JupyterLab, without the traces of the editor."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nbformat import NotebookNode

# The state of a view, and nbgrader's own marks that a release writes anew.
_VIEW = ("collapsed", "scrolled", "autoscroll", "trusted", "ExecuteTime", "execution")
_LOCKS = ("deletable", "editable")
_FLAGS = ("grade", "locked", "solution", "task")
_KIND_ONLY = ("cell_type", "checksum")


def plain_cell(cell: NotebookNode) -> NotebookNode:
    """A copy of a cell with its text and the metadata of its author.

    It lacks outputs, the state of the view, checksums, and the locks that a release sets.
    """
    metadata = deepcopy(dict(cell.metadata))
    for key in _VIEW:
        metadata.pop(key, None)
    facts = metadata.get("nbgrader")
    if isinstance(facts, dict):
        for key in _LOCKS:  # a cell of a released notebook
            if metadata.get(key) is False:
                del metadata[key]
        metadata["nbgrader"] = _plain_facts(facts)
        if not metadata["nbgrader"]:
            del metadata["nbgrader"]
    view = metadata.get("jupyter")
    if isinstance(view, dict):
        view.pop("outputs_hidden", None)
        if not view:
            del metadata["jupyter"]
    source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    source = source.strip("\n") if source.strip() else ""
    if metadata.get("cellView") == "form" and source.startswith("# @title "):
        metadata["jupyter"] = {**metadata.get("jupyter", {}), "source_hidden": True}
    made = NotebookNode(cell_type=cell.cell_type, source=source, metadata=NotebookNode(metadata))
    if cell.get("attachments"):
        made["attachments"] = cell.attachments
    if cell.cell_type == "code":
        made |= {"outputs": [], "execution_count": None}
    return made


def _plain_facts(given: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata with all flags, and with points only where there are some."""
    facts = {key: value for key, value in given.items() if key not in _KIND_ONLY}
    if not facts.get("grade_id") and not any(facts.get(flag) for flag in _FLAGS):
        return {}
    facts |= {flag: bool(facts.get(flag)) for flag in _FLAGS}
    facts["schema_version"] = facts.get("schema_version", 3)
    points = facts.pop("points", 0)
    if facts["grade"] or facts["task"]:
        number = float(points or 0)
        facts["points"] = int(number) if number.is_integer() else number
    return dict(sorted(facts.items()))


def is_test(cell: NotebookNode) -> bool:
    """Whether nbgrader's metadata say that a cell of code is a test, with or without points."""
    facts = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and facts.get("grade") and not facts.get("solution"))


def is_answer(cell: NotebookNode) -> bool:
    """Whether nbgrader's metadata say that students answer in a cell of code."""
    facts = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and facts.get("solution") and not facts.get("grade"))


def points_of(cell: NotebookNode) -> float:
    """The points of a cell; 0 if it has none."""
    return float(cell.metadata.get("nbgrader", {}).get("points", 0) or 0)


def grade_id_of(cell: NotebookNode) -> str:
    """The id that nbgrader knows a cell by; empty if it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def exercise_of(cell: NotebookNode) -> str:
    """The exercise that a cell belongs to; empty if none is stated."""
    return str(cell.metadata.get("exercise", ""))


def awaits_check(cell: NotebookNode) -> bool:
    """Whether a cell of a lesson is an empty graded cell: its test stands in a module."""
    return is_test(cell) and points_of(cell) > 0 and not cell.source.strip()


def is_empty(cell: NotebookNode) -> bool:
    """Whether a plain cell is an empty one of code, as JupyterLab adds at the end."""
    return cell.cell_type == "code" and not cell.source and not cell.metadata


def described(number: int, cell: NotebookNode) -> str:
    """The words for a cell in a message: its number, and its id or first line."""
    first = cell.source.partition("\n")[0][:40]
    return f"cell {number} ({grade_id_of(cell) or first or 'empty'})"
