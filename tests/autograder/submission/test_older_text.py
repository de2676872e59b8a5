"""The given text of an older release is no answer to an open question."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import compute_checksum

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.notebooks.notebook import id_of_text
from autograder.release.release import release
from autograder.release.samples import released_notebook
from autograder.submission.submission import Submission, read_submission
from tests.courses.asking import asking_bundle
from tests.courses.build import config
from tests.courses.handed_in import as_bytes, cell_of

OLD = "Older words of the course, just above a question, which nobody has changed."


@pytest.fixture
def asked(tmp_path: Path) -> NotebookBundle:
    return asking_bundle(tmp_path)


@pytest.fixture
def handed_in(asked: NotebookBundle) -> NotebookNode:
    """The release as students get it, with ids and checksums."""
    root = asked.path.parents[2]
    (root / "nbgrader_config.py").write_text(config("asked"))
    course = Course.find(root)
    release(course, asked.assignment)
    return released_notebook(course, asked)


def read(bundle: NotebookBundle, notebook: NotebookNode) -> Submission:
    return read_submission(as_bytes(notebook), bundle, {})


def question(bundle: NotebookBundle) -> str:
    return next(cell.grade_id for cell in bundle.manual if cell.kind == "markdown")


def older(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The text above and in a question, as another version of the course released it."""
    place = cell_of(notebook, grade_id)
    cell = notebook.cells[place]
    cell.source = f"The question in older words.\n\n{cell.source}"
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    above = new_markdown_cell(OLD)
    above.id = id_of_text("markdown", OLD)
    notebook.cells.insert(place, above)
    return cell


def test_unchanged_text_of_an_older_release_is_not_answered(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    older(handed_in, question(asked))
    submission = read(asked, handed_in)
    assert question(asked) not in submission.answered
    assert not [note for note in submission.notes if "a person reads" in note]


def test_an_id_in_the_metadata_as_colab_keeps_it_counts(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    cell = older(handed_in, question(asked))
    above = handed_in.cells[handed_in.cells.index(cell) - 1]
    above.metadata["id"], above.id = above.id, "abc"
    assert question(asked) not in read(asked, handed_in).answered


def test_an_answer_in_an_older_cell_goes_to_a_person(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    cell = older(handed_in, question(asked))
    cell.source += "\nBecause a cake has two halves."
    assert question(asked) in read(asked, handed_in).answered


def test_an_answer_in_an_older_cell_above_the_question_goes_to_a_person(
    asked: NotebookBundle, handed_in: NotebookNode
) -> None:
    cell = older(handed_in, question(asked))
    handed_in.cells[handed_in.cells.index(cell) - 1].source += "\nBecause a cake has two halves."
    assert question(asked) in read(asked, handed_in).answered
