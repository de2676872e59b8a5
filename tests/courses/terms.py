"""A term in a gradebook without files: assignments, students, hand-ins and points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from nbgrader.api import Assignment
from sqlalchemy import create_engine, event, insert
from sqlalchemy.orm import Session

from autograder.nbgrader_api.database import database_url, prepare_database
from autograder.nbgrader_api.own_rows import naive
from autograder.nbgrader_api.tables import HAND_INS, create_own_tables

DUE = datetime(2026, 10, 1, 21, 59, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
COURSE_ID = "cnn"
CELL_POINTS = 5.0  # each notebook has two cells

_TABLES = (
    "student", "assignment", "notebook", "base_cell", "grade_cells", "submitted_assignment",
    "submitted_notebook", "grade",
)  # fmt: skip


@dataclass(frozen=True)
class Handed:
    """A notebook that was handed in, with the automatic points of its two cells.

    ``is_old``: recorded by a version without a table of hand-ins.
    """

    student: str
    assignment: str
    notebook: str
    at: datetime | None
    points: tuple[float, float] = (4.0, 4.0)
    doubt: str = ""
    margin: timedelta = timedelta(0)
    is_old: bool = False


@dataclass(frozen=True)
class WholeTerm:
    """Due dates by assignment, and hand-ins; students and notebooks that are not in hand-ins."""

    due_dates: Mapping[str, datetime | None]
    hand_ins: Sequence[Handed] = ()
    students: Sequence[str] = ()
    notebooks: Sequence[tuple[str, str]] = ()


def write_term(path: Path, term: WholeTerm) -> None:
    """Write a term into a new gradebook."""
    prepare_database(database_url(path))
    with opened(path) as session:
        create_own_tables(session.connection())
        _Rows(term).write(session)
        session.commit()


@contextmanager
def opened(path: Path) -> Iterator[Session]:
    """A session on a gradebook."""
    engine = create_engine(database_url(path))
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements that the session runs within the block."""
    statements: list[str] = []
    engine = session.get_bind()

    def note(_: Any, statement: Any, *__: Any) -> None:
        statements.append(str(statement))

    event.listen(engine, "before_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_execute", note)


@dataclass
class _Rows:
    """The rows of a term by table."""

    term: WholeTerm
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def write(self, session: Session) -> None:
        tables = Assignment.metadata.tables
        session.execute(insert(tables["course"]).values(id=COURSE_ID))
        cells = self._cells()
        self._submissions(cells)
        for name in _TABLES:
            if self.rows.get(name):
                session.execute(insert(tables[name]), self.rows[name])
        own = [
            {
                "student_id": one.student,
                "assignment": one.assignment,
                "notebook": one.notebook,
                "handed_in_at": naive(one.at),
                "margin_s": one.margin.total_seconds(),
                "doubt": one.doubt,
            }
            for one in self.term.hand_ins
            if not one.is_old
        ]
        if own:
            session.execute(insert(HAND_INS), own)

    def _add(self, table: str, **values: Any) -> str:
        row = {"id": uuid4().hex, **values}
        self.rows.setdefault(table, []).append(row)
        return str(row["id"])

    def _cells(self) -> dict[tuple[str, str], tuple[str, list[str]]]:
        """The ids of notebooks and of their cells, by assignment and notebook."""
        places = {(one.assignment, one.notebook) for one in self.term.hand_ins}
        found: dict[tuple[str, str], tuple[str, list[str]]] = {}
        for name, due in self.term.due_dates.items():
            assignment = self._add("assignment", name=name, duedate=naive(due), course_id=COURSE_ID)
            for place in sorted(places | set(self.term.notebooks)):
                if place[0] == name:
                    notebook = self._add("notebook", name=place[1], assignment_id=assignment)
                    cells = [self._cell(notebook, f"test_{number}") for number in range(2)]
                    found[place] = (notebook, cells)
        return found

    def _cell(self, notebook: str, name: str) -> str:
        cell = self._add("base_cell", name=name, type="GradeCell", notebook_id=notebook)
        self._add("grade_cells", id=cell, max_score=CELL_POINTS, cell_type="code")
        return cell

    def _submissions(self, cells: Mapping[tuple[str, str], tuple[str, list[str]]]) -> None:
        assignments = {row["name"]: row["id"] for row in self.rows["assignment"]}
        for student in dict.fromkeys(
            [*self.term.students, *(one.student for one in self.term.hand_ins)]
        ):
            self._add("student", id=student)
        handed = {(one.student, one.assignment, one.notebook): one for one in self.term.hand_ins}
        for student, assignment in dict.fromkeys((who, what) for who, what, _ in handed):
            own = {
                place: handed.get((student, *place)) for place in cells if place[0] == assignment
            }
            times = [one.at for one in own.values() if one is not None and one.at is not None]
            submission = self._add(
                "submitted_assignment",
                student_id=student,
                assignment_id=assignments[assignment],
                timestamp=naive(max(times, default=None)),
            )
            for place, one in own.items():
                notebook = self._add(
                    "submitted_notebook",
                    notebook_id=cells[place][0],
                    assignment_id=submission,
                    flagged=False,
                )
                for number, cell in enumerate(cells[place][1]):
                    self._add(
                        "grade",
                        cell_id=cell,
                        notebook_id=notebook,
                        auto_score=0.0 if one is None else one.points[number],
                        needs_manual_grade=False,
                    )
