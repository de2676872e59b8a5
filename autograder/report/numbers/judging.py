"""Which results count in the numbers of the report."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.report.class_data import ClassData, StudentWork
from autograder.results import NotebookResult, Outcome, TestResult

NO_NOTEBOOK = (Outcome.MISSING, Outcome.UNREADABLE)
NO_POINTS_YET = (Outcome.NEEDS_MANUAL_GRADE, Outcome.GRADER_ERROR)
RIGHT_OR_OPEN = (Outcome.PASSED, *NO_POINTS_YET, *NO_NOTEBOOK)


def counting(found: ClassData) -> list[StudentWork]:
    """The students whose work counts: handed in, and not excused."""
    return [one for one in found.students if one.has_files and not one.is_excused]


def is_graded(student: StudentWork, notebook: str) -> bool:
    """Whether a notebook was read and has a verdict."""
    result = student.results.get(notebook)
    return result is not None and result.outcome not in (*NO_NOTEBOOK, Outcome.GRADER_ERROR)


def has_total(found: ClassData, student: StudentWork) -> bool:
    """Whether all notebooks have points; a missing or unreadable one has zero."""
    results = [student.results.get(name) for name in found.notebooks]
    return all(one is not None and one.outcome is not Outcome.GRADER_ERROR for one in results)


def total(student: StudentWork) -> float:
    """All points of a student."""
    return round(sum(one.points for one in student.results.values()), 4)


def max_total(found: ClassData) -> float:
    """The points that can be earned in all notebooks."""
    return sum(found.max_points[name] for name in found.notebooks)


def answers(found: ClassData) -> Iterator[tuple[StudentWork, NotebookResult, TestResult]]:
    """Every test of every counting student."""
    for student in counting(found):
        for name in found.notebooks:
            if (result := student.results.get(name)) is not None:
                for test in result.tests:
                    yield student, result, test
