"""Recognise the notebook in a file, by its cells or, if it is broken, by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from autograder.course.source import NotebookBundle
from autograder.files.digests import PartsDigest
from autograder.files.found_file import FoundFile
from autograder.notebooks.notebook import (
    NotebookContent,
    count_values,
    grade_id_of,
    read_content,
    read_file,
)
from autograder.reading_budget import ReadingBudget

_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


class Means(Enum):
    """The evidence by which a notebook was recognised."""

    CELLS = "cells"
    NAME = "name"


@dataclass(frozen=True)
class ReadFile:
    """A file that was read: a digest of its bytes, and its content.

    The content is None if there was no memory to keep it.
    """

    digest: PartsDigest
    content: NotebookContent | None


@dataclass(frozen=True)
class Recognised:
    """A file as a notebook of the assignment; ``notebook`` is None for other files."""

    file: FoundFile
    notebook: str | None
    means: Means
    is_readable: bool
    read: ReadFile


def recognise(
    file: FoundFile, bundles: Sequence[NotebookBundle], budget: ReadingBudget
) -> Recognised:
    """Recognise a file. Raises BudgetSpent, and OSError if the file cannot be opened."""
    by_name = next((b.name for b in bundles if file.last_name == expected_name(b)), None)
    data = read_file(file.path)
    budget.take("notebook_bytes", len(data))
    budget.take("nodes", count_values(data))
    content = read_content(data)
    read, notebook = ReadFile(PartsDigest(data), content), content.notebook
    if notebook is None:
        lower = file.last_name.lower()
        named = by_name or next((b.name for b in bundles if b.name.lower() in lower), None)
        return Recognised(file, named, Means.NAME, False, read)
    ids = {grade_id_of(cell) for cell in notebook.cells}
    names: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            names.update(_DEFINITION.findall(cell.source))

    def likeness(bundle: NotebookBundle) -> tuple[int, bool]:
        by_id = sum(cell.grade_id in ids for cell in bundle.graded)
        return by_id + sum(
            cell.exercise in names for cell in bundle.answers
        ), bundle.name == by_name

    best = max(bundles, key=likeness, default=None)
    if best is not None and likeness(best)[0] > 0:
        return Recognised(file, best.name, Means.CELLS, True, read)
    return Recognised(file, by_name, Means.NAME, True, read)


def expected_name(bundle: NotebookBundle) -> str:
    """The file name under which a notebook was released."""
    return f"{bundle.name}.ipynb"
