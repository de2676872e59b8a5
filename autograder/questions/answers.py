"""The answers to one question, from the autograded notebooks and the gradebook."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.course.layout import Course
from autograder.pages.sanitize import inert_markdown
from autograder.records.manual_grades import ManualGrade, manual_grades

MAX_NOTEBOOK_MB = 64
MAX_ANSWER = 60_000  # characters of an answer that the page shows
Place = tuple[str, str, str]  # assignment, notebook, and the name of the question's cell
UNREADABLE = "The autograded notebook of this student cannot be read."


@dataclass(frozen=True)
class Answer:
    """One student's grade, at its place in an order that tells nothing about names.

    ``key`` stands for the student in the page.
    """

    number: int
    key: str
    grade: ManualGrade


def answers_to(course: Course, where: Place, secret: bytes) -> list[Answer]:
    """All answers to a question in an order of its own, the same at each call."""
    grades = manual_grades(course, *where)
    keyed = sorted((_key(secret, where, name), name) for name in grades)
    return [Answer(number, key, grades[name]) for number, (key, name) in enumerate(keyed, 1)]


def _key(secret: bytes, where: Place, student: str) -> str:
    """A text for one student and question, which needs the secret."""
    words = "\x00".join(("question", *where, student))
    return hmac.new(secret, words.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:20]


def answer_cells(
    course: Course, where: Place, students: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The cell of each student's answer as JSON, with text that has no effect in a page."""
    return {student: _cell(course, where, student) for student in students}


def _cell(course: Course, where: Place, student: str) -> dict[str, Any]:
    assignment, notebook, grade_id = where
    path = course.autograded / student / assignment / f"{notebook}.ipynb"
    try:
        if path.stat().st_size > MAX_NOTEBOOK_MB << 20:
            return _text(UNREADABLE)
        cells = json.loads(path.read_bytes())["cells"]
        (found,) = [one for one in cells if _grade_id(one) == grade_id]
        source = found["source"]
        text = source if isinstance(source, str) else "".join(source)
        attachments = found.get("attachments") or {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _text(UNREADABLE)
    if found.get("cell_type") == "code":
        return {"cell_type": "code", "source": text[:MAX_ANSWER], "metadata": {}, "outputs": []}
    shown = _text(inert_markdown(text[:MAX_ANSWER], attachments))
    return {**shown, "attachments": attachments}


def _grade_id(cell: Any) -> Any:
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")


def _text(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text, "metadata": {}}
