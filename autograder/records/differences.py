"""Differences between an assignment's source and the cells that the gradebook holds, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from autograder.records.cells import NamedCell, NotebookCells, recorded_cells


class What(StrEnum):
    """What becomes of a cell or a notebook."""

    ADDED = "added"
    REMOVED = "removed"
    POINTS = "points"  # it is worth other points
    KIND = "kind"  # it is graded in another way, such as by a test and no longer by a person
    TEXT = "text"  # only its text differs, which reaches no submission


@dataclass(frozen=True)
class Entered:
    """What a person entered for one cell of one student."""

    student: str
    points: float | None = None  # manual points
    extra_credit: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Difference:
    """One cell that differs, or one notebook where ``cell`` is empty.

    ``before`` and ``after`` are points, None where the cell awards none. ``lost`` is what people
    entered and what goes with the cell; ``kept`` are manual points that stay and that a person has
    to look at again.
    """

    what: What
    notebook: str
    cell: str = ""
    before: float | None = None
    after: float | None = None
    lost: tuple[Entered, ...] = ()
    kept: tuple[Entered, ...] = ()

    @property
    def over(self) -> tuple[Entered, ...]:
        """The manual points that stay and are more than the cell is worth from now on."""
        most = self.after or 0.0
        return tuple(one for one in self.kept if one.points is not None and one.points > most)


def differences(
    db: Session, assignment: str, wanted: Mapping[str, NotebookCells]
) -> tuple[Difference, ...]:
    """What has to change for the gradebook to hold exactly the wanted notebooks and cells."""
    recorded = recorded_cells(db, assignment)
    if recorded == wanted:
        return ()
    found: list[Difference] = []
    entered = _EnteredByPeople(db, assignment)
    for notebook in sorted({*recorded, *wanted}):
        before, after = recorded.get(notebook), wanted.get(notebook)
        if before is not None and after is not None:
            found += _of_cells(notebook, before, after, entered)
        elif after is not None:
            found.append(Difference(What.ADDED, notebook, after=after.points))
        elif before is not None:
            lost = tuple(one for cell in before.names for one in entered.on(notebook, cell))
            found.append(Difference(What.REMOVED, notebook, before=before.points, lost=lost))
    return tuple(found)


def _of_cells(
    notebook: str, before: NotebookCells, after: NotebookCells, entered: _EnteredByPeople
) -> Iterator[Difference]:
    if before.kernelspec != after.kernelspec:
        yield Difference(What.TEXT, notebook)
    for name in dict.fromkeys([*after.names, *before.names]):
        old, new = before.named(name), after.named(name)
        if old == new:
            continue
        what = _what(old, new)
        lost = entered.on(notebook, name, not new.has_grades, not new.has_comments)
        kept: tuple[Entered, ...] = ()
        if what in (What.KIND, What.POINTS) and new.has_grades:
            grades = entered.on(notebook, name, comments=False)
            kept = tuple(one for one in grades if one.points is not None)
        yield Difference(what, notebook, name, old.points, new.points, lost, kept)


def _what(old: NamedCell, new: NamedCell) -> What:
    if not old.is_there:
        return What.ADDED
    if not new.is_there:
        return What.REMOVED
    if old.kinds != new.kinds:
        return What.KIND
    return What.TEXT if old.points == new.points else What.POINTS


class _EnteredByPeople:
    """All manual points, extra credit and comments on an assignment, by notebook and cell."""

    def __init__(self, db: Session, assignment: str) -> None:
        self._grades: dict[tuple[str, str], dict[str, tuple[float | None, float | None]]] = {}
        self._comments: dict[tuple[str, str], dict[str, str]] = {}
        columns = (Grade.manual_score, Grade.extra_credit)
        rows = _rows_of(Grade, assignment, *columns).where(
            Grade.manual_score.is_not(None) | (Grade.extra_credit != 0)
        )
        for notebook, cell, student, points, extra in db.execute(rows):
            self._grades.setdefault((notebook, cell), {})[student] = (points, extra or None)
        rows = _rows_of(Comment, assignment, Comment.manual_comment).where(
            Comment.manual_comment != ""
        )
        for notebook, cell, student, comment in db.execute(rows):
            self._comments.setdefault((notebook, cell), {})[student] = comment

    def on(
        self, notebook: str, cell: str, grades: bool = True, comments: bool = True
    ) -> tuple[Entered, ...]:
        """What was entered for a cell, by student; ``grades`` and ``comments`` choose of what."""
        scores = self._grades.get((notebook, cell), {}) if grades else {}
        texts = self._comments.get((notebook, cell), {}) if comments else {}
        return tuple(
            Entered(student, *scores.get(student, (None, None)), texts.get(student, ""))
            for student in sorted({*scores, *texts})
        )


def _rows_of(kind: type[Grade] | type[Comment], assignment: str, *columns: Any) -> Select[Any]:
    """Rows of an assignment's submissions with the names of their notebook, cell and student."""
    names = (Notebook.name, BaseCell.name, SubmittedAssignment.student_id)
    return (
        select(*names, *columns)
        .select_from(kind)
        .join(BaseCell, BaseCell.id == kind.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == assignment)
    )
