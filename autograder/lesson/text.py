"""A lesson as text, and as a notebook: both ways, on jupytext's reader and writer."""

from __future__ import annotations

import json
import re
from copy import deepcopy

import jupytext
from nbformat import NotebookNode

from autograder.errors import SourceError
from autograder.lesson.headers import MARK, HeaderError, header_of, is_header, read_header

_FRONT_MATTER = re.compile(r"# ---\n")
_MARKED = re.compile(r'^# %%(?: \[\w+\])? lesson="(\d+)"$', re.MULTILINE)


def read_lesson(text: str, name: str = "lesson") -> NotebookNode:
    """The cells of a lesson, with the metadata that their headers stand for.

    ``name`` names the file in messages. Raises SourceError that tells all headers outside the
    grammar.
    """
    lines: list[str] = []
    mistakes: list[str] = []
    titles = is_older(text)
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        try:
            lines += _expanded(line, titles) if is_header(line) else [line]
        except HeaderError as error:
            mistakes.append(f"{name}, line {number}: {error}\n  {line}")
    if mistakes:
        raise SourceError("\n".join(mistakes))
    notebook: NotebookNode = jupytext.reads("\n".join(lines) + "\n", fmt="py:percent")
    return notebook


def is_older(text: str) -> bool:
    """Whether a lesson is in jupytext's own format, as in older courses."""
    return _FRONT_MATTER.match(text) is not None


def _expanded(line: str, allow_titles: bool) -> list[str]:
    """A header in jupytext's own words, and the title line of a folded cell. Raises HeaderError."""
    header = read_header(line, allow_titles=allow_titles)
    if header is None:
        return [line]
    kind = "# %% [markdown]" if header.is_text else "# %%"
    facts = " ".join(f"{key}={json.dumps(value)}" for key, value in header.metadata.items())
    return [f"{kind} {facts}", *([header.first_line] if header.first_line else [])]


def write_lesson(notebook: NotebookNode) -> str:
    """The text of a lesson: the inverse of ``read_lesson``."""
    plain = deepcopy(notebook)
    headers = []
    for number, cell in enumerate(plain.cells):
        header = header_of(cell.cell_type, cell.metadata, cell.source)
        is_raw = cell.cell_type == "raw"
        headers.append(header.text.replace(MARK, f"{MARK} [raw]", 1) if is_raw else header.text)
        if header.first_line:
            cell.source = cell.source.partition("\n")[2]
        spacing = cell.metadata.get("lines_to_next_cell")
        cell.metadata = NotebookNode(lesson=str(number))
        if spacing is not None:
            cell.metadata["lines_to_next_cell"] = spacing
    plain.metadata = NotebookNode(
        jupytext={"notebook_metadata_filter": "-all", "cell_metadata_filter": "all"}
    )
    text: str = jupytext.writes(plain, fmt="py:percent")
    return _MARKED.sub(lambda found: headers[int(found[1])], text)
