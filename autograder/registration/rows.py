"""Writes an assignment's rows into an open gradebook; the caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from sqlalchemy import delete, exists, insert, inspect, select, update
from sqlalchemy.orm import Session

from autograder.nbgrader_api.database import ORIGINS
from autograder.registration.cells import (
    GRADE,
    SOLUTION,
    TASK,
    WITH_COMMENTS,
    WITH_GRADES,
    NotebookCells,
    Text,
    Worth,
)

_ASSIGNMENT, _NOTEBOOK = Assignment.__table__, Notebook.__table__
_CELL, _TEXT = BaseCell.__table__, SourceCell.__table__
_OF_KIND = {GRADE: GradeCell.__table__, SOLUTION: SolutionCell.__table__, TASK: TaskCell.__table__}
_SUBMISSION, _SUBMITTED = SubmittedAssignment.__table__, SubmittedNotebook.__table__
_GRADE, _COMMENT = Grade.__table__, Comment.__table__
_MIRRORS = ((_GRADE, WITH_GRADES), (_COMMENT, WITH_COMMENTS))


class Rows:
    """The rows of one assignment and of its submissions.

    The tables are written directly. nbgrader's methods commit after each row, and its objects
    clear the cell of a grade when the cell is deleted.
    """

    def __init__(self, db: Session, assignment: str, course_id: str) -> None:
        self._db = db
        self._assignment = assignment
        self._course_id = course_id

    def bring_in_line(
        self, wanted: Mapping[str, NotebookCells], look_again: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Give the assignment exactly these notebooks and cells, and each submission their rows.

        ``look_again`` holds cells (notebook, name) whose manual grades wait for another look.
        """
        key = self._assignment_key()
        known = self._keys(_NOTEBOOK, _NOTEBOOK.c.assignment_id == key)
        for name, notebook in known.items():
            if name not in wanted:
                self._remove_notebook(notebook)
        for name, cells in wanted.items():
            notebook = known.get(name) or self._add_notebook(name, key)
            self._update(_NOTEBOOK, notebook, {"kernelspec": cells.kernelspec})
            self._write_cells(notebook, cells)
            self._write_texts(notebook, cells.texts)
            self._mirror_cells(notebook)
            for of, cell in look_again:
                if of == name:
                    self._look_again(notebook, cell)

    def _assignment_key(self) -> str:
        query = select(_ASSIGNMENT.c.id).where(_ASSIGNMENT.c.name == self._assignment)
        found: str | None = self._db.scalar(query)
        return found or self._add(
            _ASSIGNMENT, {"name": self._assignment, "course_id": self._course_id}
        )

    def _add_notebook(self, name: str, assignment: str) -> str:
        """Add a notebook, also to every submission."""
        notebook = self._add(_NOTEBOOK, {"name": name, "assignment_id": assignment})
        submissions = select(_SUBMISSION.c.id).where(_SUBMISSION.c.assignment_id == assignment)
        for submission in self._db.scalars(submissions).all():
            self._add(_SUBMITTED, {"notebook_id": notebook, "assignment_id": submission})
        return notebook

    def _remove_notebook(self, notebook: str) -> None:
        """Remove a notebook with its cells, also from every submission."""
        submitted = select(_SUBMITTED.c.id).where(_SUBMITTED.c.notebook_id == notebook)
        for table in (_GRADE, _COMMENT):
            self._db.execute(delete(table).where(table.c.notebook_id.in_(submitted)))
        if inspect(self._db.connection()).has_table(ORIGINS.name):
            self._db.execute(delete(ORIGINS).where(ORIGINS.c.notebook_id.in_(submitted)))
        self._db.execute(delete(_SUBMITTED).where(_SUBMITTED.c.notebook_id == notebook))
        self._write_cells(notebook, NotebookCells(""))
        self._write_texts(notebook, {})
        self._db.execute(delete(_NOTEBOOK).where(_NOTEBOOK.c.id == notebook))

    def _write_cells(self, notebook: str, wanted: NotebookCells) -> None:
        known = self._cell_keys(notebook)
        keys = dict(known)
        for (name, kind), worth in wanted.cells.items():
            given = {} if worth is None else _columns(worth)
            if (name, kind) in known:
                if given:
                    self._update(_OF_KIND[kind], known[name, kind], given)
                continue
            row = {"name": name, "notebook_id": notebook, "type": kind}
            keys[name, kind] = self._add(_CELL, row)
            self._db.execute(insert(_OF_KIND[kind]).values(id=keys[name, kind], **given))
        for (name, kind), cell in known.items():
            if (name, kind) not in wanted.cells:
                self._remove_cell(cell, kind, {of: keys.get((name, of)) for of in _OF_KIND})

    def _remove_cell(self, cell: str, kind: str, now: Mapping[str, str | None]) -> None:
        """Remove a cell. Its rows go to the cell of the same name that replaces it, if any.

        ``now`` holds the keys of the cells with this name, by kind.
        """
        for table, kinds in _MIRRORS:
            heirs = [now[of] for of in kinds if of != kind and now[of] is not None]
            of_cell = table.c.cell_id == cell
            if kind in kinds and heirs:
                self._db.execute(update(table).where(of_cell).values(cell_id=heirs[0]))
            else:
                self._db.execute(delete(table).where(of_cell))
        for table in (_OF_KIND[kind], _CELL):
            self._db.execute(delete(table).where(table.c.id == cell))

    def _write_texts(self, notebook: str, wanted: Mapping[str, Text]) -> None:
        known = self._keys(_TEXT, _TEXT.c.notebook_id == notebook)
        for name, text in wanted.items():
            if name in known:
                self._update(_TEXT, known[name], vars(text))
            else:
                self._add(_TEXT, {"name": name, "notebook_id": notebook, **vars(text)})
        for name, key in known.items():
            if name not in wanted:
                self._db.execute(delete(_TEXT).where(_TEXT.c.id == key))

    def _mirror_cells(self, notebook: str) -> None:
        """Give each submission of a notebook the rows that it lacks."""
        for table, kinds in _MIRRORS:
            has_row = exists().where(
                table.c.cell_id == _CELL.c.id, table.c.notebook_id == _SUBMITTED.c.id
            )
            lacking = (
                select(_CELL.c.id, _SUBMITTED.c.id)
                .join(_SUBMITTED, _SUBMITTED.c.notebook_id == _CELL.c.notebook_id)
                .where(_CELL.c.notebook_id == notebook, _CELL.c.type.in_(kinds), ~has_row)
            )
            for cell, submitted in self._db.execute(lacking).all():
                self._add(table, {"cell_id": cell, "notebook_id": submitted})

    def _look_again(self, notebook: str, name: str) -> None:
        keys = self._cell_keys(notebook)
        cells = [keys[name, kind] for kind in WITH_GRADES if (name, kind) in keys]
        graded = _GRADE.c.cell_id.in_(cells) & _GRADE.c.manual_score.is_not(None)
        self._db.execute(update(_GRADE).where(graded).values(needs_manual_grade=True))

    def _cell_keys(self, notebook: str) -> dict[tuple[str, str], str]:
        """The keys of a notebook's cells, by name and kind."""
        query = select(_CELL.c.name, _CELL.c.type, _CELL.c.id)
        rows = self._db.execute(query.where(_CELL.c.notebook_id == notebook))
        return {(name, kind): key for name, kind, key in rows}

    def _keys(self, table: Any, of: Any) -> dict[str, str]:
        """The keys of some rows of a table, by name."""
        rows = self._db.execute(select(table.c.name, table.c.id).where(of))
        return {row[0]: row[1] for row in rows}

    def _add(self, table: Any, row: Mapping[str, Any]) -> str:
        key = str(new_uuid())
        self._db.execute(insert(table).values(id=key, **row))
        return key

    def _update(self, table: Any, key: str, row: Mapping[str, Any]) -> None:
        self._db.execute(update(table).where(table.c.id == key).values(**row))


def _columns(worth: Worth) -> dict[str, Any]:
    return {"max_score": worth.points, "cell_type": worth.cell_type}
