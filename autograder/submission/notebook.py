"""Read a handed-in notebook and find the source's cells in it."""

from __future__ import annotations

import ast
import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from autograder.course.source import NotebookBundle, SourceCell
from autograder.errors import UnreadableSubmission
from autograder.results import storable
from autograder.submission.json_size import count_values
from autograder.submission.pictures import KINDS, PictureRoom, with_pictures

MAX_BYTES = 64 << 20
MAX_CELLS = 5000
MAX_TEXT = 8 << 20  # characters of code and text, without outputs and pictures
MAX_VALUES = 2_000_000  # values, keys and brackets in the JSON
MAX_OLD_VALUES = 200_000  # an older format takes longer to read
MAX_PICTURES = 50  # pictures of one cell
_MAX_PARSED_IN_ALL = 512 << 10  # characters of one notebook; beyond them, only lines are compared
_MAX_PARSED = 256 << 10  # characters of one cell; Python's parser may fill the memory with more
_MAX_KEPT = 16 << 10  # characters of a cell whose names are cached
_MAX_DIGITS = 1_000


@dataclass(frozen=True)
class Submission:
    """A submitted notebook, read and aligned with its source.

    ``placement`` maps the grade_id of a source cell to the position of the student's cell.
    ``files`` are the modules and weights beside the notebook. ``answered`` names the open questions
    that have an answer to read. ``digest`` covers the bytes that determine the seeds of its tests,
    see ``submission_digest``.
    """

    notebook: NotebookNode
    placement: dict[str, int]
    notes: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    digest: str = ""

    def text_of(self, cell: SourceCell) -> str | None:
        """The student's cell in the place of a source cell; None if it was not found."""
        index = self.placement.get(cell.grade_id)
        if index is None:
            return None
        text: str = self.notebook.cells[index].source
        return text


def submission_digest(data: bytes, files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) of a notebook's bytes and of the modules beside it, in any order.

    Names, archives and weights are left out, so equal code meets equal cases.
    """
    digest = hashlib.sha256(hashlib.sha256(data).digest())
    modules = (hashlib.sha256(files[name]).digest() for name in files if name.endswith(".py"))
    for module in sorted(modules):
        digest.update(module)
    return digest.hexdigest()


def read_file(path: Path) -> bytes:
    """The bytes of a submitted file, or one byte more than the limit if it is too large."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def read_notebook(data: bytes) -> NotebookNode:
    """A notebook of the current format with only code, markdown and raw cells.

    Raises UnreadableSubmission, with the reason, if the bytes are not a notebook.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableSubmission(f"the file is larger than {MAX_BYTES >> 20} MB")
    if not data.strip():
        raise UnreadableSubmission("the file is empty")
    values = count_values(data)
    if values > MAX_VALUES:
        raise UnreadableSubmission(f"the notebook holds more than {MAX_VALUES} values")
    try:
        raw = json.loads(_decode(data), parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"the file is not JSON ({type(error).__name__})") from error
    if not isinstance(raw, dict):
        raise UnreadableSubmission("the file is JSON, but not a notebook")
    if "cells" not in raw and "worksheets" in raw:
        if values > MAX_OLD_VALUES:
            reason = f"the notebook is of an old format and holds more than {MAX_OLD_VALUES} values"
            raise UnreadableSubmission(reason)
        raw = _upgraded(raw)
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise UnreadableSubmission("the file has no list of cells")
    if len(cells) > MAX_CELLS:
        raise UnreadableSubmission(f"the notebook has more than {MAX_CELLS} cells")
    notebook = v4.new_notebook()
    room = PictureRoom()
    notebook.cells = [_cell(i, cell, room) for i, cell in enumerate(cells)]
    if sum(len(cell.source) for cell in notebook.cells) > MAX_TEXT:
        raise UnreadableSubmission(
            f"the notebook has more than {MAX_TEXT >> 20} million characters of code and text"
        )
    return notebook


def align(bundle: NotebookBundle, notebook: NotebookNode) -> tuple[dict[str, int], list[str]]:
    """The positions of the source's graded cells in a submitted notebook, and notes on them.

    An answer is found by its grade id if that cell defines the name, then by the definition in any
    cell, then by the grade id alone.
    """
    by_id: dict[str, list[int]] = {}
    for index, cell in enumerate(notebook.cells):
        by_id.setdefault(grade_id_of(cell), []).append(index)
    defined = _all_definitions(notebook)
    placement: dict[str, int] = {}
    notes: list[str] = []
    for source in bundle.cells:
        if not (source.is_grade or source.is_answer):
            continue
        same_id = [
            i for i in by_id.get(source.grade_id, []) if notebook.cells[i].cell_type == source.kind
        ]
        candidates = same_id
        if source.is_answer:
            names = definitions(source.solution)
            candidates = _answers(names, same_id, defined, notebook) if names else same_id
            if candidates and not same_id:
                notes.append(f"{source.grade_id}: the cell lost its id; found by its definition")
        if len(same_id) > 1 and not source.is_manual:
            notes.append(f"{source.grade_id}: {len(same_id)} cells have this id")
        if candidates:
            placement[source.grade_id] = candidates[-1] if source.is_answer else candidates[0]
        elif source.is_test:
            notes.append(f"{source.grade_id}: the test cell is not there; the original was used")
        elif source.is_answer:
            notes.append(f"{source.grade_id}: no such cell in the notebook")
    return placement, notes


def grade_id_of(cell: dict[str, Any]) -> str:
    """The nbgrader id of a submitted cell, or an empty text."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return storable(grade_id) if isinstance(grade_id, str) else ""


def _answers(
    names: frozenset[str], same_id: list[int], defined: dict[int, frozenset[str]], notebook: Any
) -> list[int]:
    """Candidates for an answer, the best last."""
    defining = [index for index, found in defined.items() if names & found]
    written = [i for i in defining if "raise NotImplementedError" not in notebook.cells[i].source]
    for choice in (
        [i for i in same_id if i in written],
        [i for i in same_id if i in defining] if not written else [],
        written,
        [i for i in same_id if i in defining],
        defining,
    ):
        if choice:
            return choice
    return same_id


def definitions(source: str) -> frozenset[str]:
    """The names of the functions and classes that a cell defines at its top level.

    Most cells are equal within a class, so the names of short cells are cached.
    """
    return _definitions(source) if len(source) > _MAX_KEPT else _kept_definitions(source)


def _all_definitions(notebook: NotebookNode) -> dict[int, frozenset[str]]:
    """The names that each code cell defines, by the position of the cell."""
    found: dict[int, frozenset[str]] = {}
    left = _MAX_PARSED_IN_ALL
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            left -= len(cell.source)
            found[index] = definitions(cell.source) if left >= 0 else _definitions(cell.source, 0)
    return found


def _definitions(source: str, most: int = _MAX_PARSED) -> frozenset[str]:
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        if len(source) > most:
            raise ValueError("too long to be parsed")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        starts = [
            line.split("(")[0].split() for line in lines if line.startswith(("def ", "class "))
        ]
        return frozenset(words[1].rstrip(":") for words in starts if len(words) > 1)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


@lru_cache(maxsize=1024)
def _kept_definitions(source: str) -> frozenset[str]:
    return _definitions(source)


def _integer(text: str) -> int | float:
    """A number of a notebook; an integer that is too long becomes a float."""
    return int(text) if len(text) < _MAX_DIGITS else float("inf")


def _decode(data: bytes) -> str:
    for encoding in (
        ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    ):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _upgraded(raw: dict[str, Any]) -> dict[str, Any]:
    """A notebook of an older format as a notebook of the current format."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            upgraded = nbformat.convert(nbformat.from_dict(raw), 4)
    except Exception as error:  # nbformat raises many types for malformed old notebooks
        raise UnreadableSubmission("the file is of an old notebook format and malformed") from error
    return dict(upgraded)


def _cell(index: int, raw: Any, room: PictureRoom) -> NotebookNode:
    if not isinstance(raw, dict):
        raise UnreadableSubmission(f"cell {index + 1} is not a cell")
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = storable(source) if isinstance(source, str) else ""
    grade_id = grade_id_of(raw)
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    cell: dict[str, Any] = {"metadata": metadata, "source": source, "id": f"cell-{index}"}
    kind = raw.get("cell_type")
    if kind == "code":
        outputs = _pictures(raw.get("outputs"))
        cell |= {"cell_type": "code", "execution_count": None, "outputs": outputs}
    elif kind == "raw":
        cell["cell_type"] = "raw"
    else:
        cell["cell_type"] = "markdown"
        cell["source"], attachments = with_pictures(source, raw.get("attachments"), room)
        if attachments:
            cell["attachments"] = attachments
    return nbformat.from_dict(cell)  # v4.new_code_cell validates each, which is slow


def _pictures(outputs: Any) -> list[dict[str, Any]]:
    """The pictures among a cell's outputs; other outputs are made again or not needed."""
    kept: list[dict[str, Any]] = []
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, dict) else None
        pictures = data if isinstance(data, dict) else {}
        for kind in KINDS:
            picture = pictures.get(kind)
            if isinstance(picture, list):
                picture = "".join(part for part in picture if isinstance(part, str))
            if isinstance(picture, str):
                shown = {kind: storable(picture)}
                kept.append({"output_type": "display_data", "metadata": {}, "data": shown})
                break
        if len(kept) == MAX_PICTURES:
            break
    return kept
