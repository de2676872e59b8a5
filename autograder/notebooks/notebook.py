"""Read the bytes of a handed-in notebook."""

from __future__ import annotations

import codecs
import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from autograder.errors import UnreadableSubmission
from autograder.files.pictures import KINDS, PictureRoom, with_pictures
from autograder.results import storable

MAX_BYTES = 64 << 20
MAX_CELLS = 5000
MAX_TEXT = 8 << 20  # characters of code and text, without outputs and pictures
MAX_VALUES = 2_000_000  # values, keys and brackets in the JSON
MAX_OLD_VALUES = 200_000  # an older format takes longer to read
MAX_PICTURES = 50  # pictures of one cell
CELL_BYTES = 4 << 10  # approximate memory of a cell without its text and pictures
_MAX_DIGITS = 1_000
_EXACT_FROM = 100_000  # a text with fewer marks is small in any case
_MAX_QUOTES = 8_000_000  # more strings than any notebook has; each costs memory in the closer count
_AS_RELEASED = "as_released"  # metadata of a cell that was read


@dataclass(frozen=True)
class NotebookContent:
    """The content of a submitted file: a notebook, or the reason why it is unreadable.

    ``digest`` is the SHA-256 of the file's bytes.
    """

    digest: bytes
    notebook: NotebookNode | None
    reason: str = ""

    @property
    def memory_bytes(self) -> int:
        """The approximate memory of the notebook."""
        return 0 if self.notebook is None else memory_bytes(self.notebook)


def read_content(data: bytes) -> NotebookContent:
    """The content of a submitted file."""
    digest = hashlib.sha256(data).digest()
    try:
        return NotebookContent(digest, read_notebook(data))
    except UnreadableSubmission as error:
        return NotebookContent(digest, None, str(error))


def memory_bytes(notebook: NotebookNode) -> int:
    """The approximate memory of a notebook: its texts, its pictures, and a share for each cell.

    A text with letters beyond Latin takes up to four times as much.
    """
    total = CELL_BYTES * len(notebook.cells)
    for cell in notebook.cells:
        total += len(cell.source)
        pictures = [*(cell.get("attachments") or {}).values()]
        pictures += [output.get("data") or {} for output in cell.get("outputs") or ()]
        total += sum(len(text) for data in pictures for text in data.values())
    return total


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


def grade_id_of(cell: dict[str, Any]) -> str:
    """The nbgrader id of a submitted cell, or an empty text."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return storable(grade_id) if isinstance(grade_id, str) else ""


def id_of_text(cell_type: str, source: str) -> str:
    """The id that a release gives to a cell without a grade_id: a digest of its text."""
    text = f"{cell_type}\n{source}"
    return f"cell-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def is_as_released(cell: NotebookNode) -> bool:
    """Whether a cell was read with the text of its release, of any version of the course."""
    return bool(cell.metadata.get(_AS_RELEASED))


def _proves_release(raw: dict[str, Any], kind: str, source: str) -> bool:
    """Whether the id or nbgrader's checksum of a submitted cell belongs to its text.

    A false id or checksum hides an answer of the student who wrote it, and earns nothing.
    """
    given = raw.get("metadata")
    metadata: dict[str, Any] = given if isinstance(given, dict) else {}
    ids = (raw.get("id"), metadata.get("id"))  # Colab keeps the id in the metadata
    if id_of_text(kind, source) in ids:
        return True
    facts = metadata.get("nbgrader")
    if not isinstance(facts, dict) or not facts.get("grade") or "checksum" not in facts:
        return False
    return bool(facts["checksum"] == _checksum(kind, source, facts))


def _checksum(kind: str, source: str, facts: dict[str, Any]) -> str:
    """nbgrader's checksum of a graded cell; empty for facts that nbgrader never writes.

    nbgrader's own function imports its database, which a worker never needs.
    """
    try:
        points = str(float(facts["points"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""
    is_solution = bool(facts.get("solution"))  # nbgrader locks other graded cells
    flags = [str(flag) for flag in (True, is_solution, not is_solution)]
    parts = [source, kind, *flags, str(facts.get("grade_id")), points]
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def count_values(data: bytes) -> int:
    """A lower bound for the number of values and keys in a JSON text, in linear time.

    If this count is large, marks within strings are left out.
    """
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    structure = _marks(data)
    if structure < _EXACT_FROM or data.count(b'"') > _MAX_QUOTES:
        return structure
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    return _marks(b"".join(plain.split(b'"')[::2]))


def _marks(data: bytes) -> int:
    return sum(map(data.count, (b",", b":", b"[", b"{")))


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
    metadata: dict[str, Any] = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    cell: dict[str, Any] = {"metadata": metadata, "source": source, "id": f"cell-{index}"}
    kind = raw.get("cell_type")
    if _proves_release(raw, kind if kind in ("code", "raw") else "markdown", source):
        metadata[_AS_RELEASED] = True
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
