"""The open questions of an assignment: text, sample answer and rubric, from the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, SourceCell, load_assignment

_RUBRIC = re.compile(r"(?im)^[ \t]*[*_#]*(?=(grading|rubric|points)\b[^\n]{0,40}:)")
_MOST_TEXTS = 3  # cells of text before a question that are shown as its text


@dataclass(frozen=True)
class Question:
    """A question that a person grades.

    ``asked``, ``sample`` and ``rubric`` are cells as JSON, for rendering; the lists and the rubric
    may be empty. ``released`` is the text of the answer's cell as students get it.
    """

    notebook: str
    grade_id: str
    title: str
    max_points: float
    asked: tuple[dict[str, Any], ...]
    sample: dict[str, Any]
    rubric: dict[str, Any] | None
    released: str


def questions_of(course: Course, assignment: str) -> list[Question]:
    """The questions of an assignment, in the order of the notebooks.

    Raises UsageError if there is no such assignment, SourceError for a mistake in the source.
    """
    return [
        _question(bundle, cell)
        for bundle in load_assignment(course, assignment)
        for cell in bundle.manual
        if cell.points
    ]


def _question(bundle: NotebookBundle, cell: SourceCell) -> Question:
    given, answer = cell.head_and_body
    sample, rubric = _split(answer)
    asked = [*_texts_before(bundle, cell), *([given] if given.strip() else [])]
    return Question(
        bundle.name,
        cell.grade_id,
        cell.exercise or cell.grade_id,
        float(cell.points),
        tuple(_cell("markdown", text) for text in asked),
        _cell(cell.kind, sample),
        _cell("markdown", rubric) if rubric else None,
        bundle.released[cell.index],
    )


def _split(answer: str) -> tuple[str, str]:
    """The sample answer, and the rubric: it starts with a line such as ``Grading: ...``."""
    found = _RUBRIC.search(answer)
    if found is None:
        return answer.strip(), ""
    return answer[: found.start()].strip(), answer[found.start() :].strip()


def _texts_before(bundle: NotebookBundle, cell: SourceCell) -> list[str]:
    """The cells of text just above a question, back to a heading."""
    found: list[str] = []
    for one in reversed(bundle.cells[: cell.index]):
        if one.kind != "markdown" or one.is_solution or len(found) == _MOST_TEXTS:
            break
        found.insert(0, one.source)
        if one.source.lstrip().startswith(("#", "**Question")):
            break
    return found


def _cell(kind: str, text: str) -> dict[str, Any]:
    return {"cell_type": kind, "source": text, "metadata": {}}
