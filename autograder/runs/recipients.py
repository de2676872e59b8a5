"""The students whom a note of the instructor reaches, by the results of the last grading."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import UsageError
from autograder.files.digests import files_digest
from autograder.records.notes import Note
from autograder.records.recorded_scores import recorded_scores
from autograder.runs.chosen_exercises import check_diagnoses, with_diagnosis
from autograder.workers.cache import ResultStore

_NO_FILES = files_digest(b"", {})


@dataclass(frozen=True)
class Address:
    """The recipients of a note, and its place.

    Either ``students``, or every student with the mistake ``diagnosis``, or every student who
    handed in ``exercise``. An exercise or a notebook is also the place of the note.
    """

    students: tuple[str, ...] = ()
    diagnosis: str = ""
    exercise: str = ""
    notebook: str = ""


def addressed(course: Course, assignment: str, to: Address, text: str) -> list[Note]:
    """The notes to be written, by student; an empty list if no result fits.

    Raises UsageError, with similar names, for an unknown student, mistake, exercise or notebook.
    """
    if to.students and to.diagnosis:
        raise UsageError("a note goes to named students or to all with a diagnosis, not to both")
    if not (to.students or to.diagnosis or to.exercise):
        raise UsageError("name who gets the note: --student ID, --diagnosis ID or --exercise NAME")
    bundles = load_assignment(course, assignment)
    notebooks = _notebooks(bundles, to)
    if to.diagnosis:
        return _with_mistake(course, assignment, bundles, to, text)
    scores = recorded_scores(course, assignment)
    recorded = sorted({student for student, _ in scores})
    if to.students:
        for student in to.students:
            _check(student, recorded, f"no recorded submission of {assignment} by {student!r}")
        place = notebooks[0] if to.exercise or to.notebook else ""
        return [
            Note(student, assignment, text, place, to.exercise)
            for student in dict.fromkeys(to.students)
        ]
    return [
        Note(student, assignment, text, notebook, to.exercise)
        for (student, notebook), one in sorted(scores.items())
        if notebook in notebooks and one.files != _NO_FILES
    ]


def _with_mistake(
    course: Course, assignment: str, bundles: Sequence[NotebookBundle], to: Address, text: str
) -> list[Note]:
    results = [one.result for one in ResultStore(course).all(assignment)]
    check_diagnoses(bundles, results, [to.diagnosis])
    return [
        Note(student, assignment, text, notebook, exercise, to.diagnosis)
        for (student, notebook), exercises in with_diagnosis(results, [to.diagnosis]).items()
        for exercise in sorted(exercises)
        if to.notebook in ("", notebook) and to.exercise in ("", exercise)
    ]


def _notebooks(bundles: Sequence[NotebookBundle], to: Address) -> list[str]:
    """The notebooks that the note may stand in."""
    if to.notebook:
        _check(to.notebook, [one.name for one in bundles], f"no notebook {to.notebook!r}")
    within = [one for one in bundles if to.notebook in ("", one.name)]
    if not to.exercise:
        return [one.name for one in within]
    graded = sorted({cell.exercise for one in within for cell in one.graded})
    _check(to.exercise, graded, f"no graded exercise {to.exercise!r}")
    return [one.name for one in within if to.exercise in {cell.exercise for cell in one.graded}]


def _check(name: str, known: Sequence[str], problem: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 3, 0.5)
        raise UsageError(problem + (f". Similar: {', '.join(near)}" if near else ""))
