"""The formats of source notebooks. A format parses the text of a file into cells and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import jupytext
from nbformat import NotebookNode

from autograder.errors import SourceError


class SourceFormat(Protocol):
    """One format: the suffix of its files, and a parser."""

    @property
    def suffix(self) -> str:
        """The suffix of its files, such as ``.py``."""

    def parse(self, text: str) -> NotebookNode:
        """The cells and the metadata in the text of a file."""


class PercentFormat:
    """Jupytext's percent format: a Python file with ``# %%`` above each cell."""

    suffix = ".py"

    def parse(self, text: str) -> NotebookNode:
        """The cells and the metadata in the text of a file."""
        notebook: NotebookNode = jupytext.reads(text, fmt="py:percent")
        return notebook


FORMATS: tuple[SourceFormat, ...] = (PercentFormat(),)


def format_of(path: Path) -> SourceFormat:
    """The format of a source notebook. Raises SourceError if no format has its suffix."""
    for known in FORMATS:
        if known.suffix == path.suffix:
            return known
    raise SourceError(
        f"{path.name} is not a source notebook: no format has the suffix {path.suffix!r}"
    )
