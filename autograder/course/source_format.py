"""The formats of source notebooks. A format parses the text of a file into cells and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from nbformat import NotebookNode

from autograder.errors import SourceError
from autograder.lesson.text import read_lesson


class SourceFormat(Protocol):
    """One format: the suffix of its files, and a parser."""

    @property
    def suffix(self) -> str:
        """The suffix of its files, such as ``.py``."""

    def parse(self, text: str, name: str) -> NotebookNode:
        """The cells and the metadata in the text of a file; ``name`` is for messages."""


class PercentFormat:
    """A lesson: a Python file with ``# %%`` and a short header above each cell.

    Jupytext's own headers are read as well.
    """

    suffix = ".py"

    def parse(self, text: str, name: str) -> NotebookNode:
        """The cells and the metadata in the text of a file; ``name`` is for messages."""
        return read_lesson(text, name)


FORMATS: tuple[SourceFormat, ...] = (PercentFormat(),)


def format_of(path: Path) -> SourceFormat:
    """The format of a source notebook. Raises SourceError if no format has its suffix."""
    for known in FORMATS:
        if known.suffix == path.suffix:
            return known
    raise SourceError(
        f"{path.name} is not a source notebook: no format has the suffix {path.suffix!r}"
    )
