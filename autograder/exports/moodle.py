"""Grades for Moodle: a file for "Grades, Import, CSV file".

Choose one column that identifies users (``ID number``, ``Username`` or ``Email address``) and map
the assignment's column to a grade item. ``-`` stands for no grade, as in Moodle's own exports.
Source: https://docs.moodle.org/en/Grade_import.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.exports.grades import AssignmentGrades, CourseGrades, StudentGrade
from autograder.exports.table import Row, number
from autograder.people.person import Person
from autograder.records.spreadsheet import harmless

_HEADER = ("First name", "Last name", "ID number", "Username", "Email address")
_NO_GRADE = "-"


def assignment_rows(grades: AssignmentGrades, column: str = "") -> list[Row]:
    """The file of one assignment; ``column`` is its heading."""
    rows: list[Row] = [[*_HEADER, column or grades.name]]
    return [*rows, *([*_person(one.person), _grade(one)] for one in grades.students)]


def course_rows(grades: CourseGrades) -> list[Row]:
    """The file of all assignments and of the course total."""
    names = [one.name for one in grades.assignments]
    rows: list[Row] = [[*_HEADER, *names, "Course total"]]
    for one in grades.students:
        points: Sequence[str] = [_grade(one.grades[name]) for name in names]
        rows.append(
            [*_person(one.person), *points, number(one.total) if one.max_points else _NO_GRADE]
        )
    return rows


def _person(person: Person) -> list[str]:
    ids = person.other_ids
    texts = [
        person.first_name,
        person.last_name,
        ids.get("sis") or person.id,
        ids.get("login") or person.id,
        person.email,
    ]
    return [harmless(text) for text in texts]


def _grade(grade: StudentGrade) -> str:
    return _NO_GRADE if grade.total is None else number(grade.total)
