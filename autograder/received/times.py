"""The times of hand-in of a student's notebooks."""

from __future__ import annotations

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.files.hand_in_time import HandInTime
from autograder.received.disk.names import check_folder_name
from autograder.received.record import is_as_written, read_record


def notebook_times(course: Course, assignment: str, student: str) -> dict[str, HandInTime]:
    """The times of the notebooks that count, by notebook.

    Empty if nothing was collected, or if the files in ``submitted/`` were changed after it:
    ``submitted/STUDENT/ASSIGNMENT/timestamp.txt`` then holds the one time of all notebooks.
    """
    try:
        check_folder_name(assignment, "the assignment")
        check_folder_name(student, "the student")
        trees = read_record(course.state / "received" / assignment / student)
        folder = course.submitted / student / assignment
        for tree in reversed(trees):
            if is_as_written(folder, tree):
                return dict(tree.times)
    except (UsageError, OSError):
        pass
    return {}
