"""The graders of every notebook against answers that they have not seen."""

from __future__ import annotations

import copy
import importlib
import re
import resource
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.release.samples import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.release.solutions import visible_part
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.workers.worker import Task, Worker
from tests.course.conftest import NOTEBOOKS

Answers = dict[str, dict[str, str]]  # exercise -> how it is written -> text of the cell
load = cache(load_bundle)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


def graded(
    course: Course, bundle: NotebookBundle, worker: Worker, answers: dict[str, str]
) -> NotebookResult:
    cells = {bundle.answer_for(name).grade_id: code for name, code in answers.items()}
    notebook = answered(released_notebook(course, bundle), {**reference_answers(bundle), **cells})
    data = nbformat.writes(notebook).encode()
    files = reference_weights(course, bundle.assignment)
    return worker.grade(Task("somebody", bundle.name, f"{bundle.name}.ipynb", data, files)).result


def by_exercise(result: NotebookResult) -> dict[str, TestResult]:
    return {test.exercise: test for test in result.tests}


def answers_to(path: Path, kind: str) -> Answers:
    module = importlib.import_module(f"tests.course.answers.{load(path).module_name}")
    found: Answers = getattr(module, kind, {})
    return found


def batches(kind: str) -> Iterator[object]:
    """Every answer to every notebook once, one an exercise in each batch."""
    for path in NOTEBOOKS:
        columns = [[(name, how) for how in ways] for name, ways in answers_to(path, kind).items()]
        for row in zip_longest(*columns):
            batch = dict(pair for pair in row if pair)
            words = "; ".join(f"{name}: {how}" for name, how in batch.items())
            yield pytest.param(path, batch, id=f"{path.stem}-{words}")


@pytest.mark.parametrize(("path", "batch"), list(batches("RIGHT")))
def test_right_answers_written_differently_earn_everything(course, worker, path, batch):
    answers = {name: answers_to(path, "RIGHT")[name][how] for name, how in batch.items()}
    tests = by_exercise(graded(course, load(path), worker, answers))
    for name in answers:
        assert tests[name].outcome is Outcome.PASSED, f"{tests[name].message}\n{tests[name].log}"


@pytest.mark.parametrize(("path", "batch"), list(batches("ADVISED")))
def test_answers_for_the_cpu_only_earn_everything_and_get_advice(course, worker, path, batch):
    answers = {name: answers_to(path, "ADVISED")[name][how] for name, how in batch.items()}
    tests = by_exercise(graded(course, load(path), worker, answers))
    for name, test in tests.items():
        if name in answers:
            assert test.outcome is Outcome.PASSED, f"{test.message}\n{test.log}"
        assert ("Advice, which costs no points:" in test.message) is (name in answers)


@pytest.mark.parametrize(("path", "batch"), list(batches("WRONG")))
def test_quietly_wrong_answers_lose_points_in_their_own_exercise_only(course, worker, path, batch):
    bundle = load(path)
    answers = {name: answers_to(path, "WRONG")[name][how] for name, how in batch.items()}
    tests = by_exercise(graded(course, bundle, worker, answers))
    manual = {cell.grade_id for cell in bundle.manual}
    for name, test in tests.items():
        if name in answers:
            assert test.points < test.max_points, f"{name}: {batch[name]}"
            assert test.outcome is not Outcome.GRADER_ERROR, test.log
        elif name not in manual and bundle.answer_for(name) is not None:
            assert test.outcome is Outcome.PASSED, test.message


def test_a_layer_s_own_settings_cannot_use_up_the_grader_s_memory(course, worker):
    path = next(path for path in NOTEBOOKS if path.stem == "02_pooling")
    border = answers_to(path, "WRONG")["avg_pool_as_conv"][
        "the same, with a border of many gigabytes"
    ]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graded(course, load(path), worker, {"avg_pool_as_conv": border})
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 500 << 10


def test_answers_earn_the_same_whatever_the_course_secret_is(course, convolution, worker):
    wrong = answers_to(convolution.path, "WRONG")["corr2d"]["the dtype is lost"]
    first = graded(course, convolution, worker, {"corr2d": wrong})
    other = copy.copy(worker)
    other._work = copy.copy(worker._work)
    object.__setattr__(other._work, "secret", b"another secret")
    second = graded(course, convolution, other, {"corr2d": wrong})
    assert [test.points for test in first.tests] == [test.points for test in second.tests]
    assert [test.diagnosis for test in first.tests] == [test.diagnosis for test in second.tests]


def test_the_released_notebook_holds_no_solution_and_no_hidden_test(course, bundle):
    released = "\n".join(cell.source for cell in released_notebook(course, bundle).cells)
    given = "\n".join(
        SOLUTION.sub("", cell.source) if cell.is_answer else visible_part(cell.source)
        for cell in bundle.cells
        if not cell.is_manual
    )
    for cell in bundle.answers:
        for line in "\n".join(SOLUTION.findall(cell.source)).splitlines():
            if len(line.strip()) > 12 and line.strip() not in given:
                assert line.strip() not in released, f"{cell.grade_id}: {line}"
    for word in ("autograder", "solutions", "HIDDEN TESTS", "BEGIN SOLUTION", "misconception"):
        assert word not in released


def test_the_reference_earns_what_each_cell_is_worth(course, bundle, worker):
    tests = by_exercise(graded(course, bundle, worker, {}))
    for cell in bundle.tests:
        assert tests[cell.exercise].points == cell.points, tests[cell.exercise].message


def test_an_assignment_is_worth_a_hundred_points():
    points: dict[str, float] = {}
    for path in NOTEBOOKS:
        worth = sum(cell.points for cell in load(path).graded)
        points[path.parent.name] = points.get(path.parent.name, 0) + worth
    assert points == {"conv": 100, "places": 100}
