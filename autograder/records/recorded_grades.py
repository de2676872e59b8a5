"""The grades of one student's notebooks, read from the gradebook at once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from autograder.people.person import Person
from autograder.records.lateness import Lateness, lateness
from autograder.records.notes import Note, notes_on, read_notes
from autograder.records.term.ledger import Term


@dataclass(frozen=True)
class RecordedGrade:
    """The grade of a cell. While it waits for a person, its score is not final."""

    name: str
    score: float
    max_score: float
    waiting: bool

    @property
    def is_counted(self) -> bool:
        """Whether a page lists it; a visible test has no points."""
        return self.max_score > 0 or self.waiting

    @property
    def lost(self) -> float:
        """The points that a better answer would earn; 0 while a person has to read it."""
        return 0.0 if self.waiting else max(0.0, self.max_score - self.score)


@dataclass(frozen=True)
class RecordedNotebook:
    """A student's notebook in the gradebook; ``score`` is after the penalty.

    ``grades`` and ``comments`` are by the name of their cell. ``notes`` are the instructor's notes
    on the notebook and on the whole assignment. ``who`` is the student as text shows one, such as
    ``Ada Lovelace (ada)``.
    """

    name: str
    score: float
    max_score: float
    late_penalty: float
    lateness: Lateness
    grades: Mapping[str, RecordedGrade]
    comments: Mapping[str, str | None]
    notes: tuple[Note, ...] = ()
    who: str = ""

    @property
    def waiting(self) -> bool:
        return any(grade.waiting for grade in self.grades.values())

    @property
    def has_mistakes(self) -> bool:
        return any(grade.lost for grade in self.grades.values())


def read_notebook(db_url: str, student: str, assignment: str, notebook: str) -> RecordedNotebook:
    """A student's notebook in the gradebook. Raises nbgrader's MissingEntry if it is not there."""
    found = read_submission(db_url, student, assignment)
    if notebook not in found:
        raise MissingEntry(f"No such notebook: {assignment}/{notebook} for {student}")
    return found[notebook]


def read_submission(
    db_url: str,
    student: str,
    assignment: str,
    term: Term | None = None,
    zone: tzinfo = UTC,
) -> dict[str, RecordedNotebook]:
    """A student's notebooks by name; none if the gradebook knows no submission.

    ``term`` is the student's term; without it, nothing is told about times. ``zone`` is the zone of
    the times.
    """
    with Session(_engine(db_url)) as session:
        submission = (
            session.query(SubmittedAssignment)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(Assignment.name == assignment, SubmittedAssignment.student_id == student)
            .one_or_none()
        )
        if submission is None:
            return {}
        term = term or Term(student)
        ids = [notebook.id for notebook in submission.notebooks]
        grades = _by_notebook(
            session.query(
                Grade.notebook_id, BaseCell.name, Grade.score, Grade.max_score,
                Grade.needs_manual_grade,
            )
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .filter(Grade.notebook_id.in_(ids))
        )  # fmt: skip
        comments = _by_notebook(
            session.query(Comment.notebook_id, BaseCell.name, Comment.comment)
            .join(BaseCell, BaseCell.id == Comment.cell_id)
            .filter(Comment.notebook_id.in_(ids))
        )
        notes = read_notes(db_url, student, assignment)
        row = submission.student
        who = Person(student, row.first_name or "", row.last_name or "").shown
        return {
            notebook.name: RecordedNotebook(
                name=notebook.name,
                score=float(notebook.score) - float(notebook.late_submission_penalty or 0.0),
                max_score=float(notebook.max_score),
                late_penalty=float(notebook.late_submission_penalty or 0.0),
                lateness=lateness(term, assignment, notebook.name, zone),
                grades={
                    name: RecordedGrade(name, float(score), float(most), bool(waiting))
                    for name, score, most, waiting in grades.get(notebook.id, ())
                },
                comments=dict(comments.get(notebook.id, ())),
                notes=notes_on(notes, notebook.name),
                who=who,
            )
            for notebook in sorted(submission.notebooks, key=_name)
        }


def _by_notebook(rows: Any) -> dict[str, list[Any]]:
    """Rows by their first column, without it."""
    found: dict[str, list[Any]] = {}
    for notebook_id, *row in rows:
        found.setdefault(notebook_id, []).append(row)
    return found


def _name(notebook: SubmittedNotebook) -> str:
    return str(notebook.name)


@functools.cache
def _engine(db_url: str) -> Engine:
    return create_engine(db_url, poolclass=NullPool)  # no connection stays open between students
