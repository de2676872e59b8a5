"""The automatic scores in the gradebook, with the digest of the files that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import Session

from autograder.course.layout import Course
from autograder.nbgrader_api.database import ORIGINS, explained, read_only


@dataclass(frozen=True)
class RecordedScores:
    """The scores of one student's notebook, by the name of their cell.

    ``files`` and ``source`` are digests of the graded files and of the course; both are empty if
    an older version recorded the notebook. ``by_hand`` names the cells that a person graded.
    """

    scores: dict[str, float | None] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)
    files: str = ""
    source: str = ""


Scores = Mapping[tuple[str, str], RecordedScores]
"""The scores by student and notebook."""


def recorded_scores(course: Course, assignment: str) -> Scores:
    """All scores of an assignment; {} without a gradebook.

    Raises GradebookError if the gradebook cannot be read.
    """
    found: dict[tuple[str, str], RecordedScores] = {}
    with explained(course.gradebook), read_only(course.gradebook) as session:
        origins = _origins(session)
        for row in session.execute(_rows(assignment)):
            student, notebook, notebook_id, cell, score, manual = row
            files, source = origins.get(notebook_id, ("", ""))
            one = found.setdefault((student, notebook), RecordedScores(files=files, source=source))
            one.scores[cell] = None if score is None else float(score)
            if manual is not None:
                one.by_hand.add(cell)
    return found


def _rows(assignment: str) -> Select[Any]:
    return (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            SubmittedNotebook.id,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
        )
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Assignment.name == assignment)
    )


def _origins(session: Session) -> dict[str, tuple[str, str]]:
    if not inspect(session.get_bind()).has_table(ORIGINS.name):
        return {}
    return {
        notebook_id: (files, source)
        for notebook_id, files, source in session.execute(
            select(ORIGINS.c.notebook_id, ORIGINS.c.handed_in, ORIGINS.c.source)
        )
    }
