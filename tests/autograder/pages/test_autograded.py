from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum, determine_grade

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.nbgrader_api.database import database_url
from autograder.notebooks.alignment import align
from autograder.notebooks.notebook import read_notebook
from autograder.pages.autograded import (
    MAX_CELLS,
    MAX_PRINTED,
    MAX_SHOWN,
    autograded_notebook,
    write_autograded,
)
from autograder.release.instructor import trusted_notebook
from autograder.release.release import register_cells
from autograder.release.solutions import visible_part
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult
from tests.courses.pictures import png

TESTS = (
    TestResult("test_total", "total", 2.0, 2.0, Outcome.PASSED, printed="ok   total\n"),
    TestResult(
        "test_commonest",
        "commonest",
        1 / 3,
        3.0,
        Outcome.PARTIAL,
        diagnosis="commonest.last",
        message="Got b, expected a.\nLook at ties.",
        html="<table><tr><td>got</td></tr></table>",
    ),
    TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
)


def verdict(tests: tuple[TestResult, ...] = TESTS, **more: Any) -> NotebookResult:
    return NotebookResult("ada", "demo", "01_sums", tests, **more)


@pytest.fixture
def submission(course: Course, bundle: NotebookBundle) -> nbformat.NotebookNode:
    """The released notebook with answers in it."""
    notebook = trusted_notebook(course, bundle)
    for cell in notebook.cells:
        cell.source = visible_part(cell.source)
    by_id(notebook, "total").source = "def total(numbers):\n    return sum(numbers)"
    by_id(notebook, "commonest").source = "commonest = max"
    by_id(notebook, "why").source = "It commutes."
    return notebook


def by_id(notebook: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    return next(
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def placed(notebook: nbformat.NotebookNode) -> dict[str, int]:
    return {
        cell.metadata.nbgrader.grade_id: index
        for index, cell in enumerate(notebook.cells)
        if "nbgrader" in cell.metadata
    }


def test_it_lies_where_nbgrader_looks_for_it(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    path = write_autograded(course, bundle, submission, verdict(), placed(submission))
    assert path == course.root / "autograded/ada/demo/01_sums.ipynb"
    assert [p.name for p in path.parent.iterdir()] == ["01_sums.ipynb"]
    nbformat.validate(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("points", [0.0, 1 / 3, 0.1 + 0.2, 1.5, 3.0])
@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.PASSED, Outcome.NEEDS_MANUAL_GRADE)]
)
def test_nbgraders_scorer_reads_the_same_points_from_the_test_cells(
    course: Course,
    bundle: NotebookBundle,
    submission: nbformat.NotebookNode,
    points: float,
    outcome: Outcome,
) -> None:
    test = TestResult("test_commonest", "commonest", points, 3.0, outcome, message="No.\nWhy?")
    tests = (TESTS[0], test, TESTS[2])
    notebook = autograded_notebook(course, bundle, submission, verdict(tests), placed(submission))
    assert determine_grade(by_id(notebook, "test_total")) == (2.0, 2.0)
    assert determine_grade(by_id(notebook, "test_commonest")) == (points, 3.0)
    assert determine_grade(by_id(notebook, "why")) == (None, 1.0)


def test_nbgrader_accepts_its_metadata_and_finds_its_own_checksums(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    register_cells(course, "demo")
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    MetadataValidator().validate_nb(notebook)
    with Gradebook(database_url(course.gradebook), "cnn") as gradebook:
        for cell in gradebook.find_notebook("01_sums", "demo").source_cells:
            mine = by_id(notebook, cell.name)
            assert mine.metadata.nbgrader.checksum == cell.checksum
            if cell.locked:
                assert mine.source == cell.source
                assert compute_checksum(mine) == cell.checksum


def test_an_unanswered_question_keeps_the_checksum_that_nbgrader_scores_zero(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    by_id(submission, "why").source = "YOUR ANSWER HERE"
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    assert determine_grade(by_id(notebook, "why")) == (0, 1.0)


def test_tests_and_locked_cells_come_from_the_source_and_answers_from_the_student(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    by_id(submission, "test_total").source = "assert True"
    by_id(submission, "test_total").metadata.nbgrader.points = 200
    by_id(submission, "setup").source = "expect = print"
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    trusted = trusted_notebook(course, bundle)
    for grade_id in ("test_total", "setup", "test_commonest"):
        assert by_id(notebook, grade_id).source == by_id(trusted, grade_id).source
        assert (
            by_id(notebook, grade_id).metadata.nbgrader
            == by_id(trusted, grade_id).metadata.nbgrader
        )
    assert by_id(notebook, "total").source == "def total(numbers):\n    return sum(numbers)"
    assert by_id(notebook, "why").source == "It commutes."


def test_missing_cells_are_put_back_where_they_belong(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    gone = {"setup", "total", "test_commonest", "why"}
    submission.cells = [
        cell
        for cell in submission.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") not in gone
    ]
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    order = [
        cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata
    ]
    assert order == [
        "setup", "total", "test_total", "commonest", "test_commonest", "why",
    ]  # fmt: skip
    assert "not in the submission" in by_id(notebook, "total").source
    MetadataValidator().validate_nb(notebook)


def test_cells_in_another_order_stay_in_the_students_order(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    submission.cells.reverse()
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    assert [c.source for c in notebook.cells if c.cell_type == "markdown"] == [
        c.source for c in submission.cells if c.cell_type == "markdown"
    ]


def test_copies_of_graded_cells_are_ordinary_cells(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    placement = placed(submission)
    for grade_id in ("test_total", "total", "why"):
        copy = nbformat.from_dict(by_id(submission, grade_id))
        copy.id = f"copy-of-{grade_id}"
        submission.cells.append(copy)
    notebook = autograded_notebook(course, bundle, submission, verdict(), placement)
    MetadataValidator().validate_nb(notebook)
    assert all("nbgrader" not in cell.metadata for cell in notebook.cells[-3:])
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_a_cell_shows_what_it_printed_when_run_again_and_the_picture_handed_in(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    cell = by_id(submission, "total")
    cell.outputs = [
        new_output("stream", text="what it printed at home"),
        new_output("display_data", data={"image/png": png(), "text/html": "<script>1</script>"}),
        new_output("display_data", data={"image/png": base64.b64encode(b"<svg>").decode()}),
        new_output("display_data", data={"image/svg+xml": "<svg onload=alert(1)>"}),
        new_output("execute_result", data={"application/javascript": "alert(1)"}),
    ]
    index = placed(submission)["total"]
    output = CellOutput("hello\n", "careful\n", ("ValueError", "no", ["ValueError: no"]))
    result = verdict(outputs={index: output})
    notebook = autograded_notebook(course, bundle, submission, result, placed(submission))
    outputs = by_id(notebook, "total").outputs
    assert [(o.output_type, o.get("name")) for o in outputs] == [
        ("stream", "stdout"),
        ("stream", "stderr"),
        ("error", None),
        ("display_data", None),
    ]
    assert outputs[0].text == "hello\n"
    assert outputs[3].data == {"image/png": png()}
    assert "alert" not in nbformat.writes(notebook)


def test_endless_output_is_shortened(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    result = verdict(outputs={placed(submission)["total"]: CellOutput("x" * 1_000_000)})
    notebook = autograded_notebook(course, bundle, submission, result, placed(submission))
    text = by_id(notebook, "total").outputs[0].text
    assert len(text) < 21_000
    assert "980000 characters left out" in text


def test_a_test_cell_shows_the_check_and_its_message(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    shown = by_id(notebook, "test_commonest").outputs
    assert shown[0].data["text/plain"] == "Got b, expected a.\nLook at ties."
    assert "<td>got</td>" in shown[0].data["text/html"]
    assert shown[1].data == {"text/plain": repr(1 / 3)}
    assert "ok   total" not in nbformat.writes(notebook)  # may contain inputs of hidden cases


@pytest.mark.parametrize("outcome", [Outcome.MISSING, Outcome.UNREADABLE])
def test_without_a_submission_there_is_still_a_page_that_says_why(
    course: Course, bundle: NotebookBundle, outcome: Outcome
) -> None:
    tests = tuple(
        TestResult(t.grade_id, t.exercise, 0.0, t.max_points, outcome, message="Not a notebook.")
        for t in TESTS
    )
    result = verdict(tests, outcome=outcome, notes=("not JSON: line <1>",))
    notebook = autograded_notebook(course, bundle, None, result, {})
    MetadataValidator().validate_nb(notebook)
    assert determine_grade(by_id(notebook, "test_total")) == (0, 2.0)
    assert "not JSON" in notebook.cells[0].source
    assert "raise NotImplementedError()" in by_id(notebook, "total").source


def test_students_metadata_attachments_and_raw_cells_carry_nothing_in(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    text = new_markdown_cell("![a](attachment:a.png)", metadata={"tags": ["<script>"]})
    text.attachments = {"a.png": {"image/png": png(), "text/html": "<script>"}, "b": {"x": "y"}}
    submission.cells += [
        text,
        new_raw_cell("<script>alert(1)</script>", metadata={"raw_mimetype": "text/html"}),
        new_code_cell("1", metadata={"jupyter": {"source_hidden": True}}),
    ]
    submission.metadata.title = "<script>"
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    assert notebook.cells[-3].attachments == {"picture-1.png": {"image/png": png()}}
    assert notebook.cells[-2].cell_type == "markdown"
    assert "<script" not in nbformat.writes(notebook)
    assert all(cell.metadata == {} for cell in notebook.cells[-3:])


def test_a_file_left_read_only_by_nbgrader_is_replaced(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    path: Path = course.autograded / "ada/demo/01_sums.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("old")
    path.chmod(0o444)
    write_autograded(course, bundle, submission, verdict(), placed(submission))
    assert path.read_text() != "old"


def test_text_that_is_no_text_is_written_all_the_same(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    by_id(submission, "total").source = "x = '\ud800'"
    by_id(submission, "why").source = "a\x00b \udfff"
    result = verdict(outputs={placed(submission)["total"]: CellOutput("\ud800")})
    path = write_autograded(course, bundle, submission, result, placed(submission))
    notebook = nbformat.read(path, as_version=4)
    assert by_id(notebook, "total").source == "x = '?'"


def test_given_code_that_was_left_alone_is_marked_so(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    figure = next(cell for cell in notebook.cells if cell.source.startswith("plt.figure"))
    assert figure.metadata == {"autograder": {"given": True}}
    submission.cells[5].source += "  # mine"
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    figure = next(cell for cell in notebook.cells if cell.source.startswith("plt.figure"))
    assert figure.metadata == {}


def test_a_given_cell_stands_once_at_the_place_of_its_copy(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    read = read_notebook(nbformat.writes(submission).encode())
    placement, _ = align(bundle, read)
    notebook = autograded_notebook(course, bundle, read, verdict(), placement)
    found = [i for i, cell in enumerate(notebook.cells) if "def expect(" in cell.source]
    assert found == [i for i, cell in enumerate(read.cells) if "def expect(" in cell.source]
    assert "setup" in notebook.cells[found[0]].metadata.tags


def test_a_notebook_that_is_too_long_for_a_page_keeps_its_answers(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    long = "x" * MAX_PRINTED
    own = [new_markdown_cell(long) for _ in range(200)] + [
        new_raw_cell(long),
        new_code_cell("y" * 10**6),
    ]
    submission.cells = [*own, *submission.cells]
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    assert len(nbformat.writes(notebook)) < 2 * MAX_SHOWN
    assert "left out: the notebook is longer" in notebook.cells[150].source
    assert by_id(notebook, "total").source == by_id(submission, "total").source


def test_many_cells_of_ones_own_do_not_push_an_answer_out(
    course: Course, bundle: NotebookBundle, submission: nbformat.NotebookNode
) -> None:
    submission.cells = [*(new_code_cell("1") for _ in range(MAX_CELLS + 9)), *submission.cells]
    notebook = autograded_notebook(course, bundle, submission, verdict(), placed(submission))
    assert by_id(notebook, "total").source == by_id(submission, "total").source
    assert sum(cell.source == "1" for cell in notebook.cells) == MAX_CELLS
