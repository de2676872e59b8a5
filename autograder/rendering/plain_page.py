"""The page of a notebook that cannot be rendered: its points, and its text as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader
from nbgrader.api import Gradebook

from autograder.rendering.style import TEMPLATES, page_css


@dataclass(frozen=True)
class RecordedCell:
    """A graded cell in the gradebook. While it waits for a person, its score is not final."""

    name: str
    score: float
    max_score: float
    waiting: bool
    comment: str = ""


@dataclass(frozen=True)
class Recorded:
    """A student's notebook in the gradebook; ``score`` is after the penalty."""

    student: str
    assignment: str
    notebook: str
    score: float
    max_score: float
    late_penalty: float
    cells: tuple[RecordedCell, ...]

    @property
    def waiting(self) -> bool:
        return any(cell.waiting for cell in self.cells)


def recorded(db_url: str, student: str, assignment: str, notebook: str) -> Recorded:
    """A student's notebook in the gradebook. Raises nbgrader's MissingEntry if it is not there."""
    with Gradebook(db_url) as gradebook:
        found = gradebook.find_submission_notebook(notebook, assignment, student)
        comments = {comment.name: comment.comment or "" for comment in found.comments}
        cells = tuple(
            RecordedCell(
                grade.name, float(grade.score), float(grade.max_score),
                bool(grade.needs_manual_grade), comments.get(grade.name, ""),
            )
            for grade in sorted(found.grades, key=lambda grade: str(grade.name))
            if grade.max_score or grade.needs_manual_grade  # not visible tests without points
        )  # fmt: skip
        penalty = float(found.late_submission_penalty or 0.0)
        score = float(found.score) - penalty
        return Recorded(
            student, assignment, notebook, score, float(found.max_score), penalty, cells
        )


def plain_page(points: Recorded, cells: Sequence[str]) -> str:
    """The page as HTML; ``cells`` are shown as plain text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "course_feedback"), autoescape=True
    )
    template = environment.get_template("plain.html")
    return template.render(points=points, cells=cells, page_css=page_css())
