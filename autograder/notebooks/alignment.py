"""Find the source's cells in a handed-in notebook."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import Any

from nbformat import NotebookNode

from autograder.course.source import NotebookBundle
from autograder.notebooks.notebook import grade_id_of

_MAX_PARSED_IN_ALL = 512 << 10  # characters of one notebook; beyond them, only lines are compared
_MAX_PARSED = 256 << 10  # characters of one cell; Python's parser may fill the memory with more
_MAX_KEPT = 16 << 10  # characters of a cell whose names are cached


def align(bundle: NotebookBundle, notebook: NotebookNode) -> tuple[dict[str, int], list[str]]:
    """The positions of the source's graded cells in a submitted notebook, and notes on them.

    An answer is found by its grade id if that cell defines the name, then by the definition in any
    cell, then by the grade id alone. There are no notes on tries: a missing one is no fault.
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
        if len(same_id) > 1 and not (source.is_manual or source.is_try):
            notes.append(f"{source.grade_id}: {len(same_id)} cells have this id")
        if candidates:
            placement[source.grade_id] = candidates[-1] if source.is_answer else candidates[0]
        elif source.is_test:
            notes.append(f"{source.grade_id}: the test cell is not there; the original was used")
        elif source.is_answer:
            notes.append(f"{source.grade_id}: no such cell in the notebook")
    return placement, notes


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
