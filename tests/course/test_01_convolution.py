"""The graders of 01_convolution against answers that they have not seen."""

from __future__ import annotations

import copy
from itertools import zip_longest

import nbformat
import pytest

from autograder.bundle import NotebookBundle
from autograder.class_notebook import answered, reference_answers, released_notebook
from autograder.course import Course
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.worked import visible_part
from autograder.worker import Task, Worker
from tests.course.answers import RIGHT, WRONG


def graded(
    course: Course, bundle: NotebookBundle, worker: Worker, answers: dict[str, str]
) -> NotebookResult:
    cells = {bundle.answer_for(name).grade_id: code for name, code in answers.items()}
    notebook = answered(released_notebook(course, bundle), {**reference_answers(bundle), **cells})
    data = nbformat.writes(notebook).encode()
    return worker.grade(Task("somebody", bundle.name, f"{bundle.name}.ipynb", data))


def by_exercise(result: NotebookResult) -> dict[str, TestResult]:
    return {test.exercise: test for test in result.tests}


def batches(answers: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    """Every answer once, one an exercise in each batch."""
    columns = [[(name, how) for how in ways] for name, ways in answers.items()]
    rows = zip_longest(*columns)
    return [dict(pair for pair in row if pair) for row in rows]


def named(batch: dict[str, str]) -> str:
    return "; ".join(f"{name}: {how}" for name, how in batch.items())


@pytest.mark.parametrize("batch", batches(RIGHT), ids=named)
def test_right_answers_written_differently_earn_everything(course, convolution, worker, batch):
    answers = {name: RIGHT[name][how] for name, how in batch.items()}
    tests = by_exercise(graded(course, convolution, worker, answers))
    for name in answers:
        assert tests[name].outcome is Outcome.PASSED, tests[name].message


@pytest.mark.parametrize("batch", batches(WRONG), ids=named)
def test_quietly_wrong_answers_lose_points_in_their_own_exercise_only(
    course, convolution, worker, batch
):
    answers = {name: WRONG[name][how] for name, how in batch.items()}
    tests = by_exercise(graded(course, convolution, worker, answers))
    manual = {cell.grade_id for cell in convolution.manual}
    for name, test in tests.items():
        if name in answers:
            assert test.points < test.max_points, f"{name}: {batch[name]}"
            assert test.outcome is not Outcome.GRADER_ERROR, test.log
        elif name not in manual:
            assert test.outcome is Outcome.PASSED, test.message


def test_answers_earn_the_same_whatever_the_course_secret_is(course, convolution, worker):
    first = graded(course, convolution, worker, {"corr2d": WRONG["corr2d"]["the dtype is lost"]})
    other = copy.copy(worker)
    other._work = copy.copy(worker._work)
    object.__setattr__(other._work, "secret", b"another secret")
    second = graded(course, convolution, other, {"corr2d": WRONG["corr2d"]["the dtype is lost"]})
    assert [test.points for test in first.tests] == [test.points for test in second.tests]
    assert [test.diagnosis for test in first.tests] == [test.diagnosis for test in second.tests]


def test_the_released_notebook_holds_no_solution_and_no_hidden_test(course, convolution):
    released = "\n".join(cell.source for cell in released_notebook(course, convolution).cells)
    given = "\n".join(
        cell.head_and_body[0] if cell.is_answer else visible_part(cell.source)
        for cell in convolution.cells
        if not cell.is_manual
    )
    for cell in convolution.answers:
        for line in cell.head_and_body[1].splitlines():
            if len(line.strip()) > 12 and line.strip() not in given:
                assert line.strip() not in released, f"{cell.grade_id}: {line}"
    for word in ("autograder", "solutions", "HIDDEN TESTS", "BEGIN SOLUTION", "misconception"):
        assert word not in released


def test_every_check_is_worth_what_its_cell_is_worth(course, convolution, worker):
    tests = by_exercise(graded(course, convolution, worker, {}))
    for cell in convolution.tests:
        assert tests[cell.exercise].points == cell.points
    assert sum(cell.points for cell in convolution.graded) == 40
