"""The lesson in a notebook that was edited in JupyterLab, perhaps with nbgrader's toolbar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.errors import SourceError
from autograder.lesson.edited_cell import (
    awaits_check,
    described,
    exercise_of,
    grade_id_of,
    is_empty,
    is_test,
    plain_cell,
    points_of,
)
from autograder.lesson.headers import is_header
from autograder.lesson.hidden_region import HiddenRegion
from autograder.lesson.text import read_lesson, write_lesson
from autograder.pairing.edited_names import Names
from autograder.pairing.paired import Lesson, plain_check


@dataclass(frozen=True)
class Edited:
    """The lesson in an edited notebook.

    ``renamed`` maps old names of exercises to new names; ``notes`` are sentences for the author.
    """

    lesson: Lesson
    renamed: Mapping[str, str]
    notes: tuple[str, ...]


def from_notebook(notebook: NotebookNode, before: Lesson | None = None) -> Edited:
    """The lesson in a notebook; ``before`` is the lesson that the notebook was made of.

    Raises SourceError if the notebook holds something that a lesson cannot hold; the message names
    the cell and the remedy.
    """
    before = before or Lesson("")
    known = before.cells
    cells = [plain_cell(cell) for cell in notebook.cells]
    _drop_empty_end(cells, known)
    _refuse_pictures_and_copies(cells)
    renamed = Names(known, before.checks).give(cells)
    checks, notes = _Tests(known, before.checks, renamed).take_out(cells)
    return Edited(Lesson(_text(cells), checks, before.name), renamed, tuple(notes))


class _Tests:
    """Takes the checks out of graded cells; other hidden tests stay."""

    def __init__(
        self, known: Sequence[NotebookNode], checks: Mapping[str, str], renamed: Mapping[str, str]
    ) -> None:
        self._ids = {grade_id_of(one) for one in known if awaits_check(one)}
        self._inline = {
            grade_id_of(one): one.source for one in known if is_test(one) and one.source
        }
        self._names = {*checks, *renamed.values()}

    def take_out(self, cells: list[NotebookNode]) -> tuple[dict[str, str], list[str]]:
        """The checks by exercise, and notes. Their cells are empty afterwards."""
        checks: dict[str, str] = {}
        notes: list[str] = []
        owners = self._owners(cells)
        for number, cell in enumerate(cells, 1):
            inline = self._inline.get(grade_id_of(cell), "")
            if not is_test(cell) or (inline and inline == cell.source):
                continue
            exercise, region = exercise_of(cell), HiddenRegion.of(cell.source)
            if not points_of(cell):
                if region.hidden:
                    raise SourceError(
                        f"{described(number, cell)}: its hidden tests are worth 0 points: set its "
                        "points in nbgrader's toolbar"
                    )
                continue
            problem = region.problem(points_of(cell))
            is_own = owners.get(exercise, cell) is cell
            if problem and ((exercise in self._names and is_own) or region.is_empty):
                raise SourceError(f"{described(number, cell)}: {problem}")
            if not problem and not is_own:
                problem = f"{exercise} has another graded cell, and a folder holds one check"
            if not problem:
                checks[exercise] = plain_check(region.module)
                cell.source = ""
            elif region.hidden and not inline:
                notes.append(f"hidden tests of {described(number, cell)} stay in it: {problem}")
        return checks, notes

    def _owners(self, cells: list[NotebookNode]) -> dict[str, NotebookNode]:
        """The cell of each exercise whose hidden tests are its check."""

        def rank(cell: NotebookNode) -> int:
            grade_id = grade_id_of(cell)
            return (
                0 if grade_id in self._ids else 1 if grade_id == f"test_{exercise_of(cell)}" else 2
            )

        found = [cell for cell in cells if is_test(cell) and HiddenRegion.of(cell.source).hidden]
        owners: dict[str, NotebookNode] = {}
        for cell in sorted(found, key=rank):
            owners.setdefault(exercise_of(cell), cell)
        return owners


def _refuse_pictures_and_copies(cells: list[NotebookNode]) -> None:
    ids = Counter(grade_id_of(cell) for cell in cells)
    for number, cell in enumerate(cells, 1):
        if cell.get("attachments"):
            raise SourceError(
                f"{described(number, cell)} holds a pasted picture, and a lesson is text: save the "
                "picture as a file beside the lesson and link to it, ![](picture.png)"
            )
        if grade_id_of(cell) and ids[grade_id_of(cell)] > 1:
            raise SourceError(
                f"{described(number, cell)}: two cells have this id; give one of them another id"
            )


def _drop_empty_end(cells: list[NotebookNode], known: Sequence[NotebookNode]) -> None:
    """Drop the empty cells that JupyterLab adds when the last cell is run."""
    if known and not known[-1].source.strip():
        return
    while cells and is_empty(cells[-1]):
        del cells[-1]


def _text(cells: list[NotebookNode]) -> str:
    """The cells as text. Raises SourceError if the text would not hold the same cells."""
    text, problem = _written(cells)
    if not problem:
        return text
    for number, cell in enumerate(cells, 1):
        if problem := _written([cell])[1]:
            raise SourceError(f"{described(number, cell)}: {problem}")
    raise SourceError("cell 1 and the others cannot stand together in the text of a lesson")


def _written(cells: list[NotebookNode]) -> tuple[str, str]:
    """The cells as text, and the reason why the text does not hold them; empty if it does."""
    text = ""
    try:
        text = write_lesson(NotebookNode(cells=cells, metadata={}, nbformat=4, nbformat_minor=5))
        again = read_lesson(text).cells
    except Exception as error:  # of jupytext, for metadata of a wrong type
        again, words = [], str(error).rpartition("line 1: ")[2].partition("\n")[0]
    else:
        words = "a text of a lesson cannot hold its characters or its metadata"
    if [_facts(cell) for cell in again] == [_facts(cell) for cell in cells]:
        return text, ""
    lines = [line for cell in cells for line in cell.source.split("\n") if is_header(line)]
    code = any(cell.cell_type == "code" for cell in cells)
    return text, f"the line {lines[0]!r} begins a new cell in a lesson" if lines and code else words


def _facts(cell: NotebookNode) -> list[Any]:
    metadata = {key: one for key, one in cell.metadata.items() if key != "lines_to_next_cell"}
    return [cell.cell_type, cell.source, metadata]
