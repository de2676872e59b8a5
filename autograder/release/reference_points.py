"""The points of the reference, for test cells whose text does not state them."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, SourceCell, course_mistake
from autograder.course.stated_points import Unknown, points_mistake
from autograder.errors import SourceError
from autograder.release.samples import reference_weights


def check_points_by_running(course: Course, bundles: list[NotebookBundle]) -> None:
    """Run the tests whose points only a run can tell, with the reference's answers.

    Runs them in this process, in a folder with the reference's weights. Raises SourceError, with
    file and cell, if a test gives other points than its header.
    """
    for bundle in bundles:
        if unknown := [cell for cell in bundle.tests if _is_unknown(bundle, cell)]:
            _run(course, bundle, unknown)


def _is_unknown(bundle: NotebookBundle, cell: SourceCell) -> bool:
    try:
        points_mistake(cell.source, cell.points, bundle.setup)
    except (Unknown, SyntaxError):
        return True
    return False


def _run(course: Course, bundle: NotebookBundle, cells: list[SourceCell]) -> None:
    from autograder.checks import CheckContext  # these imports load torch
    from autograder.grading.grader import TrustedNotebook
    from autograder.grading.test_cell import TestCell

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, data in reference_weights(course, bundle.assignment).items():
            Path(name).write_bytes(data)
        trusted = TrustedNotebook.load(bundle, course.root)
        names = trusted.fresh_setup()
        for answer in bundle.answers:
            exec(compile(answer.solution, f"<reference {answer.grade_id}>", "exec"), names)
        for cell in cells:
            result = TestCell(cell).run(trusted.fresh_setup(), names.__getitem__, CheckContext())
            if result.mistake:
                raise SourceError(course_mistake(bundle, cell, result.mistake))
