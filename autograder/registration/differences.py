"""Differences between an assignment's source and its cells in the gradebook, as data."""

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

from autograder.registration.cells import NamedCell, NotebookCells, recorded_cells


class Effect(StrEnum):
    """The effect of a registration on a cell or a notebook."""

    ADDED = "added"
    REMOVED = "removed"
    POINTS = "points"  # other points
    GRADING = "grading"  # another way of grading, such as a test in place of an open question
    TEXT = "text"  # another text, which changes no row of a submission


@dataclass(frozen=True)
class Entered:
    """The manual entries for one cell of one student."""

    student: str
    points: float | None = None  # manual points
    extra_credit: float | None = None
    comment: str = ""


@dataclass(frozen=True)
class Difference:
    """One cell that differs, or one notebook where ``cell`` is empty.

    ``before`` and ``after`` are points, None if the cell awards none. ``lost`` are the manual
    entries that are deleted with the cell. ``kept`` are manual points that stay, and that a person
    has to look at again.
    """

    effect: Effect
    notebook: str
    cell: str = ""
    before: float | None = None
    after: float | None = None
    lost: tuple[Entered, ...] = ()
    kept: tuple[Entered, ...] = ()

    @property
    def over(self) -> tuple[Entered, ...]:
        """The manual points that stay and exceed the points of the cell."""
        most = self.after or 0.0
        return tuple(one for one in self.kept if one.points is not None and one.points > most)


def differences(
    db: Session, assignment: str, wanted: Mapping[str, NotebookCells]
) -> tuple[Difference, ...]:
    """All differences between the cells in the gradebook and the wanted cells."""
    recorded = recorded_cells(db, assignment)
    if recorded == wanted:
        return ()
    found: list[Difference] = []
    entries = _ManualEntries(db, assignment)
    for notebook in sorted({*recorded, *wanted}):
        before, after = recorded.get(notebook), wanted.get(notebook)
        if before is not None and after is not None:
            found += _of_cells(notebook, before, after, entries)
        elif after is not None:
            found.append(Difference(Effect.ADDED, notebook, after=after.points))
        elif before is not None:
            lost = tuple(one for cell in before.names for one in entries.on(notebook, cell))
            found.append(Difference(Effect.REMOVED, notebook, before=before.points, lost=lost))
    return tuple(found)


def _of_cells(
    notebook: str, before: NotebookCells, after: NotebookCells, entries: _ManualEntries
) -> Iterator[Difference]:
    if before.kernelspec != after.kernelspec:
        yield Difference(Effect.TEXT, notebook)
    for name in dict.fromkeys([*after.names, *before.names]):
        old, new = before.named(name), after.named(name)
        if old == new:
            continue
        effect = _effect(old, new)
        lost = entries.on(notebook, name, not new.has_grades, not new.has_comments)
        kept: tuple[Entered, ...] = ()
        if effect in (Effect.GRADING, Effect.POINTS) and new.has_grades:
            grades = entries.on(notebook, name, comments=False)
            kept = tuple(one for one in grades if one.points is not None)
        yield Difference(effect, notebook, name, old.points, new.points, lost, kept)


def _effect(old: NamedCell, new: NamedCell) -> Effect:
    if not old.is_there:
        return Effect.ADDED
    if not new.is_there:
        return Effect.REMOVED
    if old.kinds != new.kinds:
        return Effect.GRADING
    return Effect.TEXT if old.points == new.points else Effect.POINTS


class _ManualEntries:
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
        """The entries for a cell, by student: of its grades, of its comments, or of both."""
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
