"""Feedback: a page a student and notebook, made by nbgrader's own converter."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from traitlets import Unicode

from autograder.converters import ConversionError, convert, course_directory
from autograder.course import Course
from autograder.errors import UsageError
from autograder.page import FeedbackExporter, GetVerdicts
from autograder.student_folders import folders_in
from autograder.whole_file import write_whole


def write_feedback(
    course: Course, assignment: str, students: Iterable[str] | None = None
) -> list[Path]:
    """Write ``feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html`` for these students, by default for all
    who have autograded notebooks, and return the paths.

    Raises UsageError when there is nothing to write feedback on. When pages of some students
    cannot be made, the others' are written first; the ConversionError then names those students.
    """
    graded = {
        student
        for student in folders_in(course.autograded)
        if any((course.autograded / student / assignment).glob("*.ipynb"))
    }
    chosen = sorted(graded if students is None else set(students))
    if missing := [student for student in chosen if student not in graded]:
        raise UsageError(f"not graded yet in {assignment}: {', '.join(missing)}")
    if not chosen:
        raise UsageError(f"no submission of {assignment} has been graded yet")
    written: list[Path] = []
    failures: list[str] = []
    for student in chosen:
        pages = course.feedback / student / assignment
        shutil.rmtree(pages, ignore_errors=True)
        directory = course_directory(course, assignment_id=assignment, student_id=student)
        try:
            convert(
                _OneStudent,
                directory,
                student=student,
                exporter_class=FeedbackExporter,
                preprocessors=[GetVerdicts],
            )
        except ConversionError as error:
            failures.append(f"{student}: {error}")
        written += sorted(pages.glob("*.html"))
    if failures:
        raise ConversionError("no feedback for\n" + "\n".join(failures))
    return written


class _OneStudent(GenerateFeedback):  # type: ignore[misc] # nbgrader is untyped
    """nbgrader's converter for exactly one student: it takes an id for a pattern otherwise."""

    student = Unicode()  # as it is: nbgrader's own trait has blanks at its ends stripped

    def init_notebooks(self) -> None:
        folder = self._format_source(self.coursedir.assignment_id, self.student)
        self.assignments = {folder: [str(path) for path in sorted(Path(folder).glob("*.ipynb"))]}

    def write_single_notebook(self, output: str, resources: Any) -> None:
        names = resources["nbgrader"]
        folder = Path(self._format_dest(names["assignment"], names["student"]))
        write_whole(folder / f"{names['notebook']}.html", output)
