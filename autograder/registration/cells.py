"""The rows of an assignment's cells in nbgrader's gradebook, from the source or from the tables."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    TaskCell,
)
from nbgrader.utils import compute_checksum
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course.source import KERNELSPEC, NotebookBundle, course_mistake
from autograder.course.source import SourceCell as CourseCell
from autograder.errors import SourceError

GRADE, SOLUTION, TASK = "GradeCell", "SolutionCell", "TaskCell"  # nbgrader's kinds of cells
KINDS = (GRADE, SOLUTION, TASK)
WITH_GRADES = (GRADE, TASK)
WITH_COMMENTS = (SOLUTION, TASK)
_CELL_TYPES = ("code", "markdown")


@dataclass(frozen=True)
class Worth:
    """The points and the type of a graded cell."""

    points: float
    cell_type: str


@dataclass(frozen=True)
class Text:
    """The text of a cell. nbgrader puts it back, or compares it with the submitted text."""

    cell_type: str
    locked: bool
    source: str
    checksum: str | None


@dataclass(frozen=True)
class NamedCell:
    """One cell's rows. An open question is a GradeCell and a SolutionCell, a given cell neither."""

    kinds: frozenset[str]
    worth: Worth | None
    text: Text | None

    @property
    def is_there(self) -> bool:
        """Whether there is such a cell."""
        return bool(self.kinds) or self.text is not None

    @property
    def points(self) -> float | None:
        """The points of the cell; None if it awards none."""
        return None if self.worth is None else self.worth.points

    @property
    def has_grades(self) -> bool:
        """Whether each submission has a row in ``grade`` for it."""
        return not self.kinds.isdisjoint(WITH_GRADES)

    @property
    def has_comments(self) -> bool:
        """Whether each submission has a row in ``comment`` for it."""
        return not self.kinds.isdisjoint(WITH_COMMENTS)


@dataclass(frozen=True)
class NotebookCells:
    """The rows of one notebook. ``cells`` is keyed by a cell's name and its kind.

    The value is None for a SolutionCell, which awards no points.
    """

    kernelspec: str
    cells: dict[tuple[str, str], Worth | None] = field(default_factory=dict)
    texts: dict[str, Text] = field(default_factory=dict)

    def named(self, name: str) -> NamedCell:
        """All rows of one cell."""
        kinds = frozenset(kind for kind in KINDS if (name, kind) in self.cells)
        worth = self.cells.get((name, GRADE)) or self.cells.get((name, TASK))
        return NamedCell(kinds, worth, self.texts.get(name))

    @property
    def points(self) -> float:
        """The points of all cells."""
        return sum(worth.points for worth in self.cells.values() if worth is not None)

    @property
    def names(self) -> list[str]:
        """All names, in the order of the rows."""
        return list(dict.fromkeys([*self.texts, *(name for name, _ in self.cells)]))


@lru_cache(maxsize=64)  # each student is recorded with the same few notebooks
def cells_of(bundle: NotebookBundle) -> NotebookCells:
    """The rows that nbgrader's release makes of a source notebook; do not change them.

    Raises SourceError if the gradebook cannot hold a cell of this type.
    """
    found = NotebookCells(json.dumps(KERNELSPEC))
    for cell in bundle.cells:
        locked = cell.is_restored
        if not (cell.is_grade or cell.is_solution or cell.is_task or locked):
            continue
        if cell.kind not in _CELL_TYPES:
            wrong = f"it is a cell of {cell.kind} text; graded and locked cells are code or text"
            raise SourceError(course_mistake(bundle, cell, wrong))
        name = cell.grade_id
        if cell.is_grade:
            found.cells[name, GRADE] = Worth(cell.points, cell.kind)
        if cell.is_solution:
            found.cells[name, SOLUTION] = None
        if cell.is_task:
            found.cells[name, TASK] = Worth(cell.points, cell.kind)
        source = cell.released(bundle.stubs) if cell.is_solution else cell.source
        checksum = _checksum(cell, source)
        found.texts[name] = Text(cell.kind, locked, source, checksum)
    return found


def recorded_cells(db: Session, assignment: str) -> dict[str, NotebookCells]:
    """The rows that the gradebook holds for an assignment, by notebook."""
    of_assignment = (
        select(Notebook.id, Notebook.name, Notebook.kernelspec)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == assignment)
        .order_by(Notebook.name)
    )
    notebooks = {
        key: (name, NotebookCells(kernelspec or ""))
        for key, name, kernelspec in db.execute(of_assignment)
    }
    base, grade = BaseCell.__table__, GradeCell.__table__
    solution, task = SolutionCell.__table__, TaskCell.__table__
    tables: tuple[tuple[str, Any, list[Any]], ...] = (
        (GRADE, grade, [grade.c.max_score, grade.c.cell_type]),
        (TASK, task, [task.c.max_score, task.c.cell_type]),
        (SOLUTION, solution, []),
    )
    for kind, table, columns in tables:
        rows = (
            select(base.c.notebook_id, base.c.name, *columns)
            .join(table, table.c.id == base.c.id)
            .where(base.c.notebook_id.in_(notebooks))
        )
        for key, name, *worth in db.execute(rows):
            notebooks[key][1].cells[name, kind] = (
                Worth(float(worth[0]), worth[1]) if worth else None
            )
    texts = select(
        SourceCell.notebook_id,
        SourceCell.name,
        SourceCell.cell_type,
        SourceCell.locked,
        SourceCell.source,
        SourceCell.checksum,
    ).where(SourceCell.notebook_id.in_(notebooks))
    for key, name, *text in db.execute(texts):
        notebooks[key][1].texts[name] = Text(*text)
    return dict(notebooks.values())


def _checksum(cell: CourseCell, source: str) -> str | None:
    """nbgrader's checksum, which shows a change of a cell; None for a task that is not locked."""
    if not (cell.is_grade or cell.is_solution or cell.is_restored):
        return None
    facts = {
        "grade": cell.is_grade,
        "solution": cell.is_solution,
        "locked": cell.is_locked,
        "grade_id": cell.grade_id,
        "points": cell.points,
    }
    metadata = NotebookNode(nbgrader=NotebookNode(facts))
    made = NotebookNode(cell_type=cell.kind, source=source, metadata=metadata)
    return str(compute_checksum(made))
