"""The code that students wrote: their answer cells, read again, within limits."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import UnreadableSubmission
from autograder.notebooks.notebook import read_content, read_file
from autograder.runs.plan import hand_in_of
from autograder.submission.submission import Submission, read_submission

MAX_ANSWER = 8_000  # characters: more than an exercise needs, and little to compare
MAX_ALL = 60 << 20  # characters of the class


@dataclass
class Answers:
    """The code of one exercise by student. ``given`` is code that everybody has."""

    notebook: str
    exercise: str
    given: tuple[str, ...]
    codes: dict[str, str] = field(default_factory=dict)


@dataclass
class AllAnswers:
    """The answers by exercise; ``skipped`` counts answers that were too long."""

    exercises: list[Answers]
    skipped: int = 0
    room: int = MAX_ALL

    def add(self, answers: Answers, student: str, code: str) -> None:
        """Take an answer, unless it is too long or there is no room."""
        if len(code) > MAX_ANSWER or len(code) > self.room:
            self.skipped += 1
            return
        self.room -= len(code)
        answers.codes[student] = code


def read_answers(
    course: Course, assignment: str, bundles: Sequence[NotebookBundle], students: Sequence[str]
) -> AllAnswers:
    """The answers of students to all exercises; an unchanged stub is no answer."""
    found = AllAnswers([])
    places: dict[tuple[str, str], Answers] = {}
    for bundle in bundles:
        given = tuple(
            text
            for cell, text in zip(bundle.cells, bundle.released, strict=True)
            if cell.kind == "code"
        )
        for cell in bundle.answers:
            one = Answers(bundle.name, cell.exercise, (*given, cell.solution))
            places[bundle.name, cell.grade_id] = one
            found.exercises.append(one)
    with tempfile.TemporaryDirectory(prefix="autograder-similar-") as scratch:
        for student in students:
            for bundle, submission in _submissions(
                course, assignment, bundles, student, Path(scratch) / "unpacked"
            ):
                released = dict(zip(bundle.cells, bundle.released, strict=True))
                for cell in bundle.answers:
                    code = submission.text_of(cell)
                    if code is not None and code.strip() != released[cell].strip():
                        found.add(places[bundle.name, cell.grade_id], student, code)
    return found


def _submissions(
    course: Course,
    assignment: str,
    bundles: Sequence[NotebookBundle],
    student: str,
    scratch: Path,
) -> Iterator[tuple[NotebookBundle, Submission]]:
    handed_in = hand_in_of(course, assignment, student, bundles, scratch)
    for bundle in bundles:
        if bundle.name not in handed_in.notebooks:
            continue
        content = handed_in.read[bundle.name].content
        if content is None:  # there was no memory to keep it
            content = read_content(read_file(handed_in.notebooks[bundle.name]))
        try:
            yield bundle, read_submission(content, bundle, {})
        except UnreadableSubmission:
            continue
