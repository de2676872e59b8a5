"""Cells whose type differs from the source's, such as a code answer in a text cell."""

from __future__ import annotations

import ast
import re
import warnings

import nbformat
from nbformat import NotebookNode

from autograder.course.source import NotebookBundle, SourceCell
from autograder.notebooks.alignment import definitions
from autograder.notebooks.notebook import grade_id_of

MAX_PARSED = 256 << 10  # characters of one cell
STUB = "raise NotImplementedError"
_DEFINES = re.compile(r"^(def|class|async def) ", re.MULTILINE)
_TYPES = {"code": "code", "markdown": "text", "raw": "raw text"}


def restore_kinds(bundle: NotebookBundle, notebook: NotebookNode) -> list[str]:
    """Give cells the type of their source cell, in place; return notes on graded cells.

    Such a cell is found by its id or by the released text. A code answer without an id is found by
    its definition, if no code cell holds that definition.
    """
    by_id = {cell.grade_id: cell for cell in bundle.cells if cell.grade_id}
    by_text = {
        same_text(text): cell
        for cell, text in zip(bundle.cells, bundle.released, strict=True)
        if not cell.is_solution and text.strip()
    }
    notes = []
    for index, cell in enumerate(notebook.cells):
        source = by_id.get(grade_id_of(cell)) or by_text.get(same_text(cell.source))
        if source is not None and source.kind != cell.cell_type:
            notes += _restore(notebook, index, source)
    return notes + _restore_by_definition(bundle, notebook)


def same_text(text: str) -> str:
    """A cell's text without the white space that differs between copies."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def is_python(text: str) -> bool:
    """Whether a text is Python code; magics and shell commands are ignored."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("%", "!"))]
    if len(text) > MAX_PARSED:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(ast.parse("\n".join(lines)).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def as_text(cell: NotebookNode) -> NotebookNode:
    """The cell as a text cell. Code in it becomes a fenced block."""
    text = cell.source
    if cell.cell_type == "code" and is_python(text) and len(text.split()) > 1:
        text = f"```python\n{text}\n```"
    pictures = {
        f"picture-{number}.png": dict(output.data)
        for number, output in enumerate(cell.get("outputs", []), 1)
        if "image/png" in output.get("data", {})
    }
    for name in pictures:
        text += f"\n\n![the picture that the cell drew](attachment:{name})"
    attachments = pictures or cell.get("attachments") or {}
    return _made("markdown", cell, text, attachments=attachments)


def _restore(notebook: NotebookNode, index: int, source: SourceCell) -> list[str]:
    cell, was = notebook.cells[index], notebook.cells[index].cell_type
    if source.kind == "code":
        text = _code_in(cell.source, source)
        if text is None:
            return []
        notebook.cells[index] = _as_code(cell, text)
    elif source.is_solution:
        notebook.cells[index] = as_text(cell)
    else:
        notebook.cells[index] = _made(source.kind, cell, cell.source)
    if not source.grade_id:
        return []
    return [
        f"{source.grade_id}: cell {index + 1} was a {_TYPES[was]} cell; "
        f"it was read as the {_TYPES[source.kind]} cell that it was given as"
    ]


def _code_in(text: str, source: SourceCell) -> str | None:
    """The code of a source cell that a text contains; None for prose."""
    if not source.is_solution or is_python(text):
        return text
    names = definitions(source.solution)
    blocks = [block for block in _blocks(text) if definitions(block) & names]
    if blocks:
        return "\n\n".join(blocks)
    return text if definitions(text) & names and "```" not in text else None


def _blocks(text: str) -> list[str]:
    """The blocks between fences (```), including a last block without an end."""
    blocks: list[list[str]] = []
    is_open = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            is_open = not is_open
            if is_open:
                blocks.append([])
        elif is_open:
            blocks[-1].append(line)
    return ["\n".join(lines) for lines in blocks]


def _restore_by_definition(bundle: NotebookBundle, notebook: NotebookNode) -> list[str]:
    written = frozenset[str]().union(
        *(
            definitions(cell.source)
            for cell in notebook.cells
            if cell.cell_type == "code" and STUB not in cell.source
        )
    )
    wanted = {
        name: answer.grade_id
        for answer in bundle.answers
        for name in definitions(answer.solution) - written
    }
    notes = []
    for index, cell in enumerate(notebook.cells if wanted else []):
        if cell.cell_type == "code" or STUB in cell.source:
            continue
        if not re.search(r"^(def|class|async def) ", cell.source, re.M) or not is_python(
            cell.source
        ):
            continue
        found = sorted({wanted[name] for name in definitions(cell.source) if name in wanted})
        if found:
            notebook.cells[index] = _as_code(cell, cell.source)
            notes.append(
                f"{', '.join(found)}: cell {index + 1}, a {_TYPES[cell.cell_type]} cell, defines "
                "it; it was read as code"
            )
    return notes


def _as_code(cell: NotebookNode, text: str) -> NotebookNode:
    return _made("code", cell, text, execution_count=None, outputs=[])


def _made(kind: str, cell: NotebookNode, text: str, **more: object) -> NotebookNode:
    facts = {"metadata": cell.metadata, "id": cell.id, "cell_type": kind, "source": text}
    more = {name: value for name, value in more.items() if value != {}}
    return nbformat.from_dict(
        {**facts, **{name: value for name, value in more.items() if value != {}}}
    )
