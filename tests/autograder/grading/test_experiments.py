"""A student's own experiments have a time of their own; the rest is for the tests."""

from __future__ import annotations

import re

import pytest
from nbformat import NotebookNode

from autograder.course.source import NotebookBundle
from autograder.results import Outcome
from tests.courses.handed_in import as_handed_in, cell_of, code
from tests.courses.tiny import FULL, Grade, Limited

LONG = "import time\nbegun = {n}\ntime.sleep({s})\nended = {n}"
LIMITS = {"submission_s": 12.0, "cell_s": 4.0}  # 6 s are the experiments'


def with_cells(tiny: NotebookBundle, sources: list[str], at: str = "add") -> NotebookNode:
    notebook = as_handed_in(tiny)
    place = cell_of(notebook, at)
    notebook.cells[place:place] = [code(source) for source in sources]
    return notebook


def test_long_experiments_leave_the_tests_their_time(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    cells = [LONG.format(n=n, s=3.5) for n in range(5)]
    with limited(**LIMITS):
        graded = grade(with_cells(tiny, cells))
    assert graded.points == FULL
    (note,) = graded.result.notes
    assert note == (
        "stopped, so that the tests have time: cell 4, cell 5, cell 6, cell 7; a cell may take 4 s "
        "and all cells of your own together 6 s"
    )
    assert graded.result.outputs[3].error is not None
    assert graded.result.outputs[2].error is None


def test_what_a_cell_has_defined_before_it_is_stopped_stays(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    helper = "def times(x, k):\n    return x * k\nimport time\nwhile True: time.sleep(0.01)"
    notebook = with_cells(tiny, [LONG.format(n=1, s=3.5), helper, LONG.format(n=2, s=3.5)])
    notebook.cells[cell_of(notebook, "scale")].source = "def scale(x, k):\n    return times(x, k)"
    with limited(**LIMITS):
        assert grade(notebook).points == FULL


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except Exception: pass",
    ],
)
def test_an_endless_experiment_is_stopped_and_its_process_lives_on(
    grade: Grade, limited: Limited, tiny: NotebookBundle, loop: str
) -> None:
    with limited(submission_s=12.0, cell_s=1.5):
        graded = grade(with_cells(tiny, [loop]))
    assert graded.points == FULL
    assert graded.result.stops == ()
    assert any("have time: cell 3; " in note for note in graded.result.notes)


def test_an_experiment_that_does_not_let_itself_be_stopped_is_ended_with_its_process(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    helper = "import time\ndef times(x, k):\n    return x * k\ntime.sleep(1.2)"
    notebook = with_cells(tiny, [helper, stubborn])
    notebook.cells[cell_of(notebook, "scale")].source = "def scale(x, k):\n    return times(x, k)"
    with limited(submission_s=20.0, cell_s=2.0):
        graded = grade(notebook)
    assert graded.points == FULL
    assert [stop.outcome for stop in graded.result.stops] == [Outcome.TIMED_OUT]
    assert any("cell 4 was skipped after it ended the process" in n for n in graded.result.notes)


def test_answers_and_given_cells_are_no_experiments(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    notebook = with_cells(tiny, [LONG.format(n=1, s=3.5), LONG.format(n=2, s=3.5)])
    for name in ("add", "setup"):
        notebook.cells[cell_of(notebook, name)].source += "\nimport time; time.sleep(1.5)"
    with limited(**LIMITS):
        graded = grade(notebook)
    assert graded.points == FULL
    assert graded.result.outputs[cell_of(notebook, "add")].error is None


def test_the_limit_of_the_whole_notebook_stays_one(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    notebook = as_handed_in(tiny)
    for name in ("add", "scale"):
        notebook.cells[cell_of(notebook, name)].source += "\nimport time; time.sleep(3)"
    with limited(submission_s=4.0, cell_s=10.0):
        graded = grade(notebook)
    assert graded["test_scale"].outcome is Outcome.TIMED_OUT
    assert graded["test_scale"].points == 0


def test_time_runs_out_for_many_experiments_before_it_does_for_the_tests(
    grade: Grade, limited: Limited, tiny: NotebookBundle
) -> None:
    notebook = with_cells(tiny, [LONG.format(n=n, s=2.0) for n in range(100)])
    with limited(submission_s=10.0, cell_s=4.0):
        graded = grade(notebook)
    assert graded.points == FULL
    assert re.search(r" and 9\d more; a cell may take", graded.result.notes[0])
