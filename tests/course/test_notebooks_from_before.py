"""Notebooks that were released with visible lines in the graded cells, and are handed in now."""

from __future__ import annotations

from unittest import mock

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course.answers import load_answers
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.grading import notebook as grading
from autograder.notebooks.notebook import grade_id_of
from autograder.release.samples import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.results import NotebookResult
from autograder.workers.worker import Task, Worker

pytestmark = pytest.mark.slow


def half_wrong(bundle: NotebookBundle) -> dict[str, str]:
    """The reference's answers, with a wrong answer to every second exercise."""
    wrong = {one.exercise: one.code for one in load_answers(bundle, "wrong")}
    answers = reference_answers(bundle)
    for cell in bundle.answers[::2]:
        answers[cell.grade_id] = wrong.get(cell.exercise, answers[cell.grade_id])
    return answers


def as_before(bundle: NotebookBundle, notebook: NotebookNode) -> NotebookNode:
    """The same notebook with each visible test at the start of its graded cell."""
    tests = {cell.exercise: cell.grade_id for cell in bundle.tests}
    tries = {cell.grade_id: tests.get(cell.exercise, "") for cell in bundle.tries}
    cells = {grade_id_of(cell): cell for cell in notebook.cells}
    for name, test in tries.items():
        if test:
            cells[test].source = f"{cells[name].source}\n{cells[test].source}"
    notebook.cells = [cell for cell in notebook.cells if not tries.get(grade_id_of(cell))]
    return notebook


def graded(course: Course, bundle: NotebookBundle, worker: Worker, was: bool) -> NotebookResult:
    notebook = answered(released_notebook(course, bundle), half_wrong(bundle))
    if was:
        notebook = as_before(bundle, notebook)
    data, files = nbformat.writes(notebook).encode(), reference_weights(course, bundle.assignment)
    task = Task("somebody", bundle.name, f"{bundle.name}.ipynb", data, files)
    with mock.patch.object(grading, "seed_for", lambda *parts: 7):  # both draw the same cases
        return worker.grade(task).result


@pytest.mark.parametrize("name", ["conv/02_pooling", "places/03_cam"])
def test_a_notebook_from_before_earns_the_points_of_a_new_one(
    course: Course, worker: Worker, name: str
) -> None:
    bundle = load_bundle(course.source / f"{name}.py")
    before, now = (graded(course, bundle, worker, was) for was in (True, False))
    points = {test.grade_id: test.points for test in now.tests}
    assert {test.grade_id: test.points for test in before.tests} == points
    assert 0 < now.points < now.max_points
    assert [(test.grade_id, test.outcome) for test in before.tries] == [
        (test.grade_id, test.outcome) for test in now.tries
    ]
    assert len(now.tries) == len(bundle.tries) > 0
    assert before.notes == now.notes
