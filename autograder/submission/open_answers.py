"""Answers to open questions, found anywhere in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.course.source import NotebookBundle, SourceCell
from autograder.notebooks.cell_kinds import as_text
from autograder.notebooks.notebook import grade_id_of
from autograder.submission.cell_map import CellMap

MAX_MOVED = 40  # the student's own cells that are put under one question
MAX_MOVED_TEXT = 100_000  # characters of these cells


@dataclass
class OpenAnswers:
    """The open questions that are answered, and the cells that hold the answers."""

    placement: dict[str, int] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def gather_answers(
    bundle: NotebookBundle, notebook: NotebookNode, placement: dict[str, int]
) -> OpenAnswers:
    """Find the answers to the open questions, and move them to the question's cell, in place.

    A question is answered if its cell differs from the released text. If that cell is unchanged or
    gone, other places count, in this order: the student's own cells beside it, up to the next given
    cell; lines added to the question; text cells further below. Without any of these, the question
    is not answered.
    """
    found = OpenAnswers()
    if bundle.manual:
        cell_map = CellMap(bundle, notebook, placement)
        for index, source in enumerate(bundle.cells):
            if source.is_manual:
                _gather(cell_map, index, source, found)
    return found


def _gather(cell_map: CellMap, index: int, source: SourceCell, found: OpenAnswers) -> None:
    name, notebook = source.grade_id, cell_map.notebook
    copies = [i for i, cell in enumerate(notebook.cells) if grade_id_of(cell) == name]
    copies = copies or cell_map.blanks_of(index)
    if len(copies) > 1:
        found.notes.append(f"{name}: {len(copies)} cells have this id")
    empty = [i for i in copies if cell_map.is_empty(i)]
    written = [i for i in copies if not cell_map.is_blank(i, source) and i not in empty]
    if written:
        found.placement[name] = written[0]
        found.answered.add(name)
        return
    place = next(iter(copies), None)
    beside, where = cell_map.beside(index, place), "beside the question"
    added = cell_map.added_to_given(index)
    if not (beside or added):
        beside, where = cell_map.below(index, place), "below the question"
    if place is None:
        place = _own_place(cell_map, source, beside, added, found)
        beside = [i for i in beside if i != place]
        if place is None:
            found.notes.append(f"{name}: no such cell in the notebook")
            return
        found.answered.add(name)
        found.notes.append(f"{name}: its cell is gone; cell {place + 1} was taken for the answer")
    elif place not in empty:
        notebook.cells[place].source = cell_map.bundle.released[index]
    found.placement[name] = place
    if place in empty:
        found.answered.add(name)
        found.notes.append(f"{name}: its cell is empty; a person decides")
    if beside or added:
        found.answered.add(name)
        numbers = ", ".join(str(i + 1) for i in beside[:MAX_MOVED])
        told = [f"cell {numbers}, {where}"] if beside else []
        told += ["lines added to the given text"] if added else []
        found.notes.append(f"{name}: a person reads {' and '.join(told)}")
        _put(notebook.cells[place], source, added, [(i, notebook.cells[i]) for i in beside])


def _own_place(
    cell_map: CellMap, source: SourceCell, beside: list[int], added: str, found: OpenAnswers
) -> int | None:
    """The student's own cell that replaces the question's deleted cell."""
    taken = set(found.placement.values())
    for index in beside:
        cell = cell_map.notebook.cells[index]
        if index not in taken and not grade_id_of(cell):
            if source.kind != "code" and cell.cell_type != "markdown":
                cell_map.notebook.cells[index] = as_text(cell)
            return index
    if not (beside or added):
        return None
    cell_map.notebook.cells.append(_empty(source))
    return len(cell_map.notebook.cells) - 1


def _empty(source: SourceCell) -> NotebookNode:
    facts: dict[str, object] = {"source": "", "metadata": {}, "id": source.grade_id[:60]}
    if source.kind == "code":
        facts |= {"cell_type": "code", "outputs": [], "execution_count": None}
    else:
        facts["cell_type"] = "markdown"
    return nbformat.from_dict(facts)


def _put(
    target: NotebookNode,
    source: SourceCell,
    added: str,
    cells: Iterable[tuple[int, NotebookNode]],
) -> None:
    """Put the content of other cells under the text of a question's cell."""
    parts = [target.source] if target.source.strip() else []
    attachments = dict(target.get("attachments") or {})
    if added:
        parts.append(f"*Added to the given text:*\n\n{added}")
    room = MAX_MOVED_TEXT
    for index, cell in list(cells)[:MAX_MOVED]:
        text = cell if cell.cell_type == "markdown" else as_text(cell)
        body, pictures = _renamed(text, f"cell-{index + 1}-")
        body = body[:room]
        room -= len(body)
        parts.append(f"*From cell {index + 1}:*\n\n{body}")
        attachments.update(pictures)
    told = "\n\n".join(parts)
    if source.kind == "code":
        own = "\n\n".join(parts[1:]).splitlines()
        target.source = "\n".join([parts[0], *(f"# {line}" for line in own)])
    else:
        target.source = told
        if attachments:
            target.attachments = attachments


def _renamed(cell: NotebookNode, prefix: str) -> tuple[str, dict[str, dict[str, str]]]:
    """A cell's text and attachments, with attachment names that no other cell has."""
    body, pictures = cell.source, {}
    for number, (name, data) in enumerate((cell.get("attachments") or {}).items(), 1):
        kind = next(iter(data), "image/png").partition("/")[2]
        other = f"{prefix}{number}.{kind}"
        if f"attachment:{name}" in body:
            body = body.replace(f"attachment:{name}", f"attachment:{other}")
        else:
            body += f"\n\n![](attachment:{other})"
        pictures[other] = data
    return body, pictures
