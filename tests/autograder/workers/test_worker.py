"""What a worker sends back: the result, and the submission as it was found and repaired."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.source import NotebookBundle
from autograder.grading.grader import TrustedNotebook
from autograder.notebooks.notebook import read_content
from autograder.results import Outcome
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import read_submission
from autograder.workers import worker as worker_module
from autograder.workers.worker import Task, Work, Worker
from tests.courses.handed_in import as_bytes, as_handed_in, cell_of
from tests.courses.tiny import SECRET, SMALL


@pytest.fixture
def worker(parent: ForkServer, trusted: TrustedNotebook) -> Worker:
    """A worker in this process, with the fork server of all tests."""
    made = Worker.__new__(Worker)
    bundle = trusted.bundle
    made._trusted, made._server = {bundle.name: trusted}, parent
    made._work = Work(Path("/"), SMALL, "bubblewrap", (bundle,), SECRET)
    return made


def as_text_cell(tiny: NotebookBundle) -> bytes:
    """The answer ``add`` in a text cell, which is read as code."""
    notebook = as_handed_in(tiny)
    cell = notebook.cells[cell_of(notebook, "add")]
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    return as_bytes(notebook)


def test_the_submission_comes_back_repaired_and_placed_without_the_files_beside_it(
    worker: Worker, tiny: NotebookBundle
) -> None:
    data, files = as_text_cell(tiny), {"more.py": b"x = 1"}
    graded = worker.grade(Task("ada", tiny.name, "f", data, files, ("a note",)))
    assert graded.result.points == 9
    assert graded.submission is not None
    expected = read_submission(data, tiny, files, ("a note",))
    assert graded.submission.placement == expected.placement
    assert graded.submission.notebook == expected.notebook
    assert graded.submission.notebook.cells[expected.placement["add"]].cell_type == "code"
    assert graded.submission.files == {}


def test_content_that_was_read_before_gives_the_same_result_and_is_left_as_it_is(
    worker: Worker, tiny: NotebookBundle
) -> None:
    data = as_text_cell(tiny)
    content = read_content(data)
    first = worker.grade(Task("ada", tiny.name, "f", data)).result
    again = [worker.grade(Task("ada", tiny.name, "f", content)).result for _ in range(2)]
    assert content == read_content(data)
    assert {(one.tests, one.notes) for one in again} == {(first.tests, first.notes)}


def test_a_submission_that_is_too_large_or_unreadable_does_not_come_back(
    worker: Worker, tiny: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "MAX_RETURNED_BYTES", 1000)
    graded = worker.grade(Task("ada", tiny.name, "f", as_text_cell(tiny)))
    assert (graded.result.points, graded.submission) == (9, None)
    for data in (b"{", read_content(b"{")):
        graded = worker.grade(Task("ada", tiny.name, "f", data))
        assert (graded.result.outcome, graded.submission) == (Outcome.UNREADABLE, None)
