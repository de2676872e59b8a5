from __future__ import annotations

from dataclasses import asdict
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.rendering.verdicts import Exercise, PageVerdicts, verdicts_of


def graded(
    score: float = 0.0,
    points: float = 2.0,
    solution: bool = False,
    waiting: bool = False,
    **verdict: Any,
) -> NotebookNode:
    make = nbformat.v4.new_markdown_cell if solution else nbformat.v4.new_code_cell
    cell = make("")
    cell.metadata["nbgrader"] = {
        "grade": True, "solution": solution, "grade_id": "g", "score": score, "points": points,
        "waiting": waiting,
    }  # fmt: skip
    if verdict:
        cell.metadata["autograder"] = verdict
    return cell


def page(*cells: NotebookNode, outcome: str = "partial") -> PageVerdicts:
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    notebook.metadata["autograder"] = {"outcome": outcome}
    return verdicts_of(notebook)


def only(cell: NotebookNode, outcome: str = "partial") -> Exercise:
    (one,) = page(cell, outcome=outcome).exercises
    return one


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (graded(2.0, outcome="passed"), "right"),
        (graded(0.5, outcome="partial"), "partly right"),
        (graded(outcome="failed"), "not right yet"),
        (graded(outcome="failed", unwritten=True), "not written yet"),
        (graded(1.0, outcome="failed", unwritten=True), "not right yet"),  # a person gave a point
        (graded(outcome="error"), "stopped with an error"),
        (graded(outcome="timed_out"), "ran out of time"),
        (graded(waiting=True, outcome="grader_error"), "the grader failed"),
        (graded(solution=True, outcome="failed"), "not answered"),
        (graded(solution=True, waiting=True), "waits to be read by a person"),
        (graded(1.0, solution=True, outcome="needs_manual_grade"), "partly right"),
        (graded(solution=True, outcome="needs_manual_grade"), "not right yet"),
        (graded(1.0), "partly right"),  # graded by plain nbgrader
    ],
)
def test_a_state_has_its_words(cell: NotebookNode, words: str) -> None:
    assert only(cell).words == words


def test_an_exercise_of_a_missing_or_unreadable_file_says_so() -> None:
    for outcome, words in (("missing", "not handed in"), ("unreadable", "could not be read")):
        for solution in (False, True):
            assert only(graded(solution=solution, outcome=outcome), outcome).words == words
        assert only(graded(1.0), outcome).words == "partly right"  # a person gave a point
        assert not page(outcome=outcome).has_file


def test_an_exercise_that_waits_has_lost_nothing() -> None:
    one = only(graded(waiting=True))
    assert (one.lost, one.mistake, one.reached) == (0.0, 0, "– / 2")
    assert only(graded(0.5, outcome="partial")).lost == 1.5


def test_mistakes_are_counted_and_visible_tests_are_left_out() -> None:
    cells = (
        graded(outcome="failed"),
        graded(points=0.0, outcome="failed"),
        graded(2.0, outcome="passed"),
        graded(1.0, outcome="partial", sentence="You add."),
    )
    verdicts = page(*cells)
    assert [one.mistake for one in verdicts.exercises] == [1, 0, 2]
    assert verdicts.exercises[2].sentence == "You add."
    assert PageVerdicts.from_json(asdict(verdicts)) == verdicts


def test_a_long_sentence_is_cut() -> None:
    assert len(only(graded(outcome="failed", sentence="x" * 100_000)).sentence) == 1_000
