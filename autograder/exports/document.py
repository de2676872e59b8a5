"""Grades as JSON, for programs."""

from __future__ import annotations

from typing import Any

from autograder.exports.grades import AssignmentGrades, CourseGrades, StudentGrade
from autograder.exports.table import stamp
from autograder.people.person import Person


def assignment_document(grades: AssignmentGrades) -> dict[str, Any]:
    """The grades of one assignment; see ``docs/grades.schema.json``."""
    return {
        "assignment": grades.name,
        "due_at": stamp(grades.due_at) or None,
        "max_points": grades.max_points,
        "students": [{**_person(one.person), **_grade(one)} for one in grades.students],
    }


def course_document(grades: CourseGrades) -> dict[str, Any]:
    """The grades of the course; see ``docs/grades.schema.json``."""
    return {
        "assignments": [
            {
                "assignment": one.name,
                "due_at": stamp(one.due_at) or None,
                "max_points": one.max_points,
            }
            for one in grades.assignments
        ],
        "students": [
            {
                **_person(one.person),
                "grades": {name: _grade(grade) for name, grade in one.grades.items()},
                "total": round(one.total, 4),
                "max_points": round(one.max_points, 4),
                "late_days": one.late_days,
                "late_days_left": one.late_days_left,
            }
            for one in grades.students
        ],
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "student": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "section": person.section,
    }


def _grade(grade: StudentGrade) -> dict[str, Any]:
    return {
        "status": grade.status.value,
        "notebooks": {name: round(points, 4) for name, points in grade.notebooks.items()},
        "leaderboard": round(grade.board, 4),
        "late_penalty": round(grade.late_penalty, 4),
        "late_days": grade.late_days,
        "late": grade.late,
        "submitted_at": stamp(grade.handed_in_at) or None,
        "needs_manual_grade": grade.needs_manual_grade,
        "total": None if grade.total is None else round(grade.total, 4),
    }
