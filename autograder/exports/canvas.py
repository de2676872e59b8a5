"""Grades for Canvas: the file that "Import Grades" of its gradebook takes.

Canvas finds a student by ``ID``, else by ``SIS User ID``, else by ``SIS Login ID``. The second row
holds the points possible. ``EX`` marks an excused student. A column whose name is not in the
gradebook becomes a new assignment; ``Homework 1 (12345)`` names an existing one. Source: the Canvas
Instructor Guide, "How do I import grades in the Gradebook?".
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.exports.grades import AssignmentGrades, CourseGrades, Status, StudentGrade
from autograder.exports.table import Row, number
from autograder.people.person import Person
from autograder.records.spreadsheet import harmless

_HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POINTS_POSSIBLE = "    Points Possible"  # with the spaces of Canvas's own file


def assignment_rows(grades: AssignmentGrades, column: str = "") -> list[Row]:
    """The file of one assignment; ``column`` is its name in Canvas."""
    return _rows(
        [column or grades.name],
        [grades.max_points],
        [(one.person, [one]) for one in grades.students],
    )


def course_rows(grades: CourseGrades) -> list[Row]:
    """The file of all assignments; Canvas computes the total itself."""
    names = [one.name for one in grades.assignments]
    return _rows(
        names,
        [one.max_points for one in grades.assignments],
        [(one.person, [one.grades[name] for name in names]) for one in grades.students],
    )


def _rows(
    columns: Sequence[str],
    points: Sequence[float],
    students: Sequence[tuple[Person, Sequence[StudentGrade]]],
) -> list[Row]:
    rows: list[Row] = [
        [*_HEADER, *columns],
        [_POINTS_POSSIBLE, *("" for _ in _HEADER[1:]), *map(number, points)],
    ]
    rows += [[*_person(person), *map(_grade, grades)] for person, grades in students]
    return rows


def _person(person: Person) -> list[str]:
    ids = person.other_ids
    login = ids.get("login") or person.id
    return [
        harmless(person.sort_name or person.id),
        harmless(ids.get("canvas", "")),
        harmless(ids.get("sis", "")),
        harmless(login),
        harmless(person.section),
    ]


def _grade(grade: StudentGrade) -> str:
    return "EX" if grade.status is Status.EXCUSED else number(grade.total)
