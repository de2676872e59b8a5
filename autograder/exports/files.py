"""The files of an export: their names, and their contents in each format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from nbgrader.api import MissingEntry

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.exports import canvas, document, gradescope, moodle, plain
from autograder.exports.grades import (
    AssignmentGrades,
    CourseGrades,
    read_course_grades,
    read_grades,
)
from autograder.exports.table import csv_text
from autograder.people.person import Person
from autograder.records.gradebook import open_gradebook
from autograder.records.term.late_penalties import refresh_penalties

NBGRADER_FILE = "grades.csv"
TOTAL = "total"  # the name of the course's file
_MARK = "\ufeff"  # without this byte-order mark, Excel reads UTF-8 as another encoding


class Format(StrEnum):
    """A format of an export."""

    CSV = "csv"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    JSON = "json"


@dataclass(frozen=True)
class Exported:
    """The written files, the assignments in which nobody was graded, and the people left out."""

    files: tuple[Path, ...]
    ungraded: tuple[str, ...] = ()
    gone: tuple[Person, ...] = ()


def export_assignment(
    course: Course,
    assignment: str,
    format: Format = Format.CSV,
    *,
    board: Mapping[str, float] | None = None,
    column: str = "",
    out: Path | None = None,
    now: datetime | None = None,
) -> Exported:
    """Write the grades of one assignment to its file of ``grades_file``, or to ``out``.

    ``board`` holds students' points of the leaderboard. ``column`` is the assignment's name in the
    LMS. Late penalties are the present ones.

    Raises UsageError if the gradebook does not know the assignment, if nobody was graded in it, and
    if ``out`` is the file of ``nbgrader export``.
    """
    if out is not None and out.resolve() == (course.root / NBGRADER_FILE).resolve():
        raise UsageError(f"{NBGRADER_FILE} is the file of `nbgrader export`; choose another name")
    with open_gradebook(course) as gradebook:
        try:
            gradebook.find_assignment(assignment)
        except MissingEntry:
            raise UsageError(f"the gradebook knows no assignment {assignment!r}") from None
        refresh_penalties(gradebook, course.config)
        (grades,) = read_grades(gradebook, course.config, [assignment], board, now)
    if not grades.is_graded:
        raise UsageError(
            f"nobody was graded in {assignment} yet, so there is nothing to export. "
            f"Run `autograder grade {assignment}` first."
        )
    path = out or grades_file(course, assignment, format)
    write_whole(path, _assignment_text(grades, format, column), is_private=True)
    return Exported((path,), gone=grades.gone)


def export_course(
    course: Course, format: Format = Format.CSV, *, now: datetime | None = None
) -> Exported:
    """Write a file for each graded assignment, and one for the whole course.

    Raises UsageError if nobody was graded in any assignment.
    """
    with open_gradebook(course) as gradebook:
        refresh_penalties(gradebook, course.config)
        grades = read_course_grades(gradebook, course.config, now)
    if not grades.assignments:
        raise UsageError("nobody was graded yet, so there is nothing to export")
    names = [one.name for one in grades.assignments]
    files = [grades_file(course, name, format) for name in [*names, total_name(names)]]
    texts = [_assignment_text(one, format, "") for one in grades.assignments]
    for path, text in zip(files, [*texts, _course_text(grades, format)], strict=True):
        write_whole(path, text, is_private=True)
    return Exported(tuple(files), grades.ungraded, grades.gone)


def grades_file(course: Course, name: str, format: Format) -> Path:
    """The default file: ``grades/conv.csv``, ``grades/conv.json``, ``grades/canvas/conv.csv``."""
    folder = course.root / "grades"
    if format in (Format.CSV, Format.JSON):
        return folder / f"{name}.{format.value}"
    return folder / format.value / f"{name}.csv"


def total_name(assignments: list[str]) -> str:
    """The name of the course's file: ``total``, or ``total_`` if an assignment has that name."""
    name = TOTAL
    while name in assignments:
        name += "_"
    return name


def _assignment_text(grades: AssignmentGrades, format: Format, column: str) -> str:
    if format is Format.JSON:
        return _json(document.assignment_document(grades))
    if format is Format.CSV:
        return _MARK + csv_text(plain.assignment_rows(grades))
    module = {Format.CANVAS: canvas, Format.MOODLE: moodle, Format.GRADESCOPE: gradescope}[format]
    return csv_text(module.assignment_rows(grades, column))


def _course_text(grades: CourseGrades, format: Format) -> str:
    if format is Format.JSON:
        return _json(document.course_document(grades))
    module = {
        Format.CSV: plain,
        Format.CANVAS: canvas,
        Format.MOODLE: moodle,
        Format.GRADESCOPE: gradescope,
    }[format]
    mark = _MARK if format is Format.CSV else ""
    return mark + csv_text(module.course_rows(grades))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
