"""Grades in the columns of Gradescope's own grade export.

Programs that read Gradescope's "Download Grades" file read this one too. Gradescope itself takes
grades from its autograder only (``autograder gradescope``).
"""

from __future__ import annotations

from datetime import timedelta

from autograder.exports.grades import AssignmentGrades, CourseGrades, StudentGrade
from autograder.exports.table import Row, number
from autograder.people.person import Person
from autograder.records.spreadsheet import harmless

_HEADER = ("First Name", "Last Name", "SID", "Email", "Sections")
_TIME = "%Y-%m-%d %H:%M:%S %z"


def assignment_rows(grades: AssignmentGrades, column: str = "") -> list[Row]:
    """The file of one assignment; ``column`` is its name in Gradescope."""
    rows: list[Row] = [[*_HEADER, *_columns(column or grades.name)]]
    for one in grades.students:
        rows.append([*_person(one.person), *_grade(one, grades.max_points)])
    return rows


def course_rows(grades: CourseGrades) -> list[Row]:
    """The file of all assignments."""
    rows: list[Row] = [
        [*_HEADER, *(text for one in grades.assignments for text in _columns(one.name))]
    ]
    for student in grades.students:
        row = [*_person(student.person)]
        for one in grades.assignments:
            row += _grade(student.grades[one.name], one.max_points)
        rows.append(row)
    return rows


def _columns(name: str) -> list[str]:
    return [name, f"{name} - Max Points", f"{name} - Submission Time", f"{name} - Lateness (H:M:S)"]


def _person(person: Person) -> list[str]:
    sid = person.other_ids.get("sis") or person.id
    texts = [person.first_name, person.last_name, sid, person.email, person.section]
    return [harmless(text) for text in texts]


def _grade(grade: StudentGrade, max_points: float) -> list[str]:
    at = "" if grade.handed_in_at is None else grade.handed_in_at.strftime(_TIME)
    late = _span(grade.late_by) if at else ""
    return [number(grade.total), number(max_points), at, late]


def _span(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"
