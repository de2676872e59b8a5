"""The graders of every notebook against the answers in ``right.py`` and ``wrong.py``."""

from __future__ import annotations

import copy
import re
import resource
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest

import nbformat
import pytest

from autograder.course.answers import Kind, WrittenAnswer, load_answers
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

ADVISED = {  # right answers that fail on a GPU: notebook -> exercise -> title
    "04_lenet": {"train_one_epoch": "no batch is moved", "evaluate": "no batch is moved"},
    "02_resnet": {"replace_head": "the head stays on the CPU"},
    "04_leaderboard": {"predict_top5": "the images stay where they are"},
}
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


def codes(batch: list[WrittenAnswer]) -> dict[str, str]:
    return {answer.exercise: answer.code for answer in batch}


def by_exercise(result: NotebookResult) -> dict[str, TestResult]:
    return {test.exercise: test for test in result.tests}


def answers_to(bundle: NotebookBundle, kind: Kind) -> dict[str, dict[str, WrittenAnswer]]:
    """The right or wrong answers to a notebook: exercise -> title -> answer."""
    found: dict[str, dict[str, WrittenAnswer]] = {}
    for answer in load_answers(bundle, kind):
        found.setdefault(answer.exercise, {})[answer.title] = answer
    return found


def batches(kind: Kind) -> Iterator[object]:
    """Every answer to every notebook once, one an exercise in each batch."""
    for path in NOTEBOOKS:
        for row in zip_longest(*map(dict.values, answers_to(load(path), kind).values())):
            batch = [answer for answer in row if answer is not None]
            yield pytest.param(path, batch, id=f"{path.stem}-{'; '.join(a.id for a in batch)}")


@pytest.mark.parametrize(("path", "batch"), list(batches("right")))
def test_right_answers_written_differently_earn_everything(course, worker, path, batch):
    tests = by_exercise(graded(course, load(path), worker, codes(batch)))
    for answer in batch:
        test = tests[answer.exercise]
        assert test.outcome is Outcome.PASSED, f"{answer.id}: {test.message}\n{test.log}"


@pytest.mark.parametrize("notebook", ADVISED)
def test_answers_for_the_cpu_only_earn_everything_and_get_advice(course, worker, notebook):
    bundle = load(next(path for path in NOTEBOOKS if path.stem == notebook))
    right = answers_to(bundle, "right")
    batch = [right[exercise][title] for exercise, title in ADVISED[notebook].items()]
    for name, test in by_exercise(graded(course, bundle, worker, codes(batch))).items():
        if name in ADVISED[notebook]:
            assert test.outcome is Outcome.PASSED, f"{test.message}\n{test.log}"
        assert ("Advice, which costs no points:" in test.message) is (name in ADVISED[notebook])


@pytest.mark.parametrize(("path", "batch"), list(batches("wrong")))
def test_quietly_wrong_answers_lose_points_in_their_own_exercise_only(course, worker, path, batch):
    bundle, wrong = load(path), {answer.exercise: answer for answer in batch}
    tests = by_exercise(graded(course, bundle, worker, codes(batch)))
    manual = {cell.grade_id for cell in bundle.manual}
    for name, test in tests.items():
        if name in wrong:
            assert test.points < test.max_points, wrong[name].id
            assert test.outcome is not Outcome.GRADER_ERROR, test.log
        elif name not in manual and bundle.answer_for(name) is not None:
            assert test.outcome is Outcome.PASSED, test.message


def test_every_exercise_has_right_answers_of_two_styles_and_three_wrong_ones(bundle):
    for answer in bundle.answers:
        for kind, least in (("right", 2), ("wrong", 3)):
            titles = answers_to(bundle, kind).get(answer.exercise, {})
            assert len(titles) >= least, f"{kind} answers to {answer.exercise}: {list(titles)}"


def test_a_layer_s_own_settings_cannot_use_up_the_grader_s_memory(course, worker):
    path = next(path for path in NOTEBOOKS if path.stem == "02_pooling")
    wrong = answers_to(load(path), "wrong")["avg_pool_as_conv"]
    border = wrong["the same, with a border of many gigabytes"].code
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graded(course, load(path), worker, {"avg_pool_as_conv": border})
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 500 << 10


def test_answers_earn_the_same_whatever_the_course_secret_is(course, convolution, worker):
    wrong = answers_to(convolution, "wrong")["corr2d"]["the dtype is lost"].code
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
