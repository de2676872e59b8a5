"""Odd submissions that real students hand in: of the pooling notebook, each one thing odd."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.release.samples import answered, reference_answers, released_notebook
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.submission.submission import read_submission
from autograder.workers.worker import Task, Worker
from autograder.workers.worker import Work as Given

BY_HAND = Outcome.NEEDS_MANUAL_GRADE
QUESTION, OTHER = "pooling_or_stride", "where_did_it_go"
TRIED = "I tried it in the notebook: the figure shows it, and the formula says why."
MINE = "Stride 2 costs a quarter; pooling keeps the maximum."
Edit = Callable[[NotebookNode], None]
KINDS = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


@pytest.fixture(scope="module")
def pooling(course: Course) -> NotebookBundle:
    return load_bundle(course.source / "conv" / "02_pooling.py")


@pytest.fixture(scope="module")
def grader(course: Course, pooling: NotebookBundle) -> Iterator[Worker]:
    settings = course.settings
    worker = Worker(Given(course.root, settings, settings.sandbox, (pooling,), b"odd submissions"))
    yield worker
    worker.close()


def place_of(notebook: NotebookNode, grade_id: str) -> int:
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return ids.index(grade_id)


def became(grade_id: str, kind: str) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        place = place_of(notebook, grade_id)
        was = notebook.cells[place]
        notebook.cells[place] = KINDS[kind](was.source, metadata=was.metadata)

    return edit


def text(grade_id: str, source: str) -> Edit:
    def edit(notebook: NotebookNode) -> None:
        cell = notebook.cells[place_of(notebook, grade_id)]
        cell.source = source.format(was=cell.source)

    return edit


def in_a_cell_below(notebook: NotebookNode) -> None:
    text(QUESTION, "YOUR ANSWER HERE")(notebook)
    notebook.cells.insert(place_of(notebook, QUESTION) + 1, new_markdown_cell(MINE))


def in_a_cell_instead(notebook: NotebookNode) -> None:
    notebook.cells[place_of(notebook, QUESTION)] = new_markdown_cell(MINE)


def in_double(notebook: NotebookNode) -> None:
    line = "import torch\ntorch.set_default_dtype(torch.float64)"
    notebook.cells.insert(2, new_code_cell(line))


CASES: dict[str, Edit] = {
    "text-answer-below-placeholder": text(QUESTION, "YOUR ANSWER HERE\n\n" + MINE),
    "text-answer-cell-type-changed, code": became(QUESTION, "code"),
    "text-answer-cell-type-changed, raw": became(QUESTION, "raw"),
    "text-answer-in-own-cell, below": in_a_cell_below,
    "text-answer-in-own-cell, instead": in_a_cell_instead,
    "code-answer-cell-type-changed, markdown": became("max_pool2d", "markdown"),
    "code-answer-cell-type-changed, raw": became("max_pool2d", "raw"),
    "packages-of-colab, tqdm": text("max_pool2d", "from tqdm.notebook import tqdm\n\n{was}"),
    "packages-of-colab, others": text(
        "max_pool2d", "import pandas as pd\nimport torchvision\nfrom scipy import signal\n\n{was}"
    ),
    "breakpoint-left-in": text(
        "pool_output_size",
        "def pool_output_size(size, kernel, stride):\n    breakpoint()\n"
        "    return (size - kernel) // stride + 1",
    ),
}
NOTES = {
    "code-answer-cell-type-changed, raw": "max_pool2d: cell 16 was a raw text cell",
    "packages-of-colab, others": "a stand-in took the place of torchvision",
    "breakpoint-left-in": "breakpoint() and the debugger were ignored",
    "text-answer-in-own-cell, below": f"{QUESTION}: a person reads cell ",
}


def graded(grader: Worker, course: Course, pooling: NotebookBundle, edit: Edit) -> NotebookResult:
    texts = {**reference_answers(pooling), QUESTION: TRIED, OTHER: TRIED}
    notebook = answered(released_notebook(course, pooling), texts)
    edit(notebook)
    data = nbformat.writes(notebook).encode()
    return grader.grade(Task("ada", pooling.name, "02_pooling.ipynb", data)).result


def by_exercise(result: NotebookResult) -> dict[str, TestResult]:
    return {test.exercise: test for test in result.tests}


@pytest.mark.parametrize("case", CASES)
def test_what_is_odd_costs_nothing(
    grader: Worker, course: Course, pooling: NotebookBundle, case: str
) -> None:
    result = graded(grader, course, pooling, CASES[case])
    for test in result.tests:
        if test.grade_id in (QUESTION, OTHER):
            assert test.outcome is BY_HAND, case
        else:
            assert (test.points, test.outcome) == (test.max_points, Outcome.PASSED), test.message
    assert NOTES.get(case, "") in "\n".join(result.notes)


def test_a_changed_default_dtype_is_told_where_it_costs_points(
    grader: Worker, course: Course, pooling: NotebookBundle
) -> None:
    result = graded(grader, course, pooling, in_double)
    test = by_exercise(result)["avg_pool_as_conv"]
    assert test.points < test.max_points
    assert "torch's default dtype is torch.float64 since cell 3. In a fresh" in test.message
    lines = test.message.splitlines()
    assert len(set(lines)) == len(lines), "each thing is said once"


def test_no_released_notebook_holds_an_open_answer_and_each_question_can_be_answered_beside(
    course: Course, bundle: NotebookBundle
) -> None:
    released = released_notebook(course, bundle)
    bare = copy.deepcopy(released)
    for cell in bare.cells:
        cell.metadata = {}
    for untouched in (released, bare):
        data = nbformat.writes(untouched).encode()
        assert read_submission(data, bundle, {}).answered == frozenset()
    for question in bundle.manual:
        for place, notebook in ((0, released), (1, released), (1, bare)):
            notebook, position = copy.deepcopy(notebook), place_of(released, question.grade_id)
            notebook.cells.insert(position + place, new_markdown_cell(MINE))
            data = nbformat.writes(notebook).encode()
            submission = read_submission(data, bundle, {})
            assert submission.answered == {question.grade_id}
            placed = submission.notebook.cells[submission.placement[question.grade_id]]
            assert MINE in placed.source
