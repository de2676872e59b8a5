"""Grades for spreadsheets: every entry of the gradebook, one row for each student."""

from __future__ import annotations

from autograder.exports.grades import AssignmentGrades, CourseGrades, Status, StudentGrade
from autograder.exports.table import Row, number, stamp, yes
from autograder.people.person import Person
from autograder.records.spreadsheet import harmless


def assignment_rows(grades: AssignmentGrades) -> list[Row]:
    """The table of one assignment: points by notebook, late work, total."""
    extra = ["leaderboard"] if grades.has_board else []
    header = ["assignment", "student", "last_name", "first_name", *grades.notebooks, *extra]
    header += ["late_penalty", "total", "max_points", "submitted_at", "late", "needs_manual_grade"]
    header += ["late_days", "status", "email", "section"]
    return [header, *(_row(grades, one) for one in grades.students)]


def course_rows(grades: CourseGrades) -> list[Row]:
    """The table of the course: the total of each assignment, and their sum."""
    names = [one.name for one in grades.assignments]
    header = ["student", "last_name", "first_name", *names, "total", "max_points", "percent"]
    header += ["late_days", "late_days_left", "email", "section"]
    rows: list[Row] = [header]
    for one in grades.students:
        percent = None if one.percent is None else round(one.percent, 2)
        rows.append(
            [
                *_names(one.person),
                *(shown_total(one.grades[name]) for name in names),
                number(one.total) if one.max_points else "",
                number(one.max_points),
                number(percent),
                one.late_days,
                one.late_days_left,
                harmless(one.person.email),
                harmless(one.person.section),
            ]
        )
    return rows


def shown_total(grade: StudentGrade) -> str:
    """The total of an assignment; ``excused`` or nothing if there is none."""
    return "excused" if grade.status is Status.EXCUSED else number(grade.total)


def _row(grades: AssignmentGrades, one: StudentGrade) -> Row:
    is_graded = one.status is Status.GRADED
    return [
        grades.name,
        *_names(one.person),
        *(number(one.notebooks.get(name)) for name in grades.notebooks),
        *([number(one.board)] if grades.has_board else []),
        number(one.late_penalty) if is_graded else "",
        shown_total(one),
        number(grades.max_points),
        stamp(one.handed_in_at),
        yes(one.late),
        yes(one.needs_manual_grade),
        one.late_days,
        one.status.value,
        harmless(one.person.email),
        harmless(one.person.section),
    ]


def _names(person: Person) -> tuple[str, str, str]:
    return harmless(person.id), harmless(person.last_name), harmless(person.first_name)
