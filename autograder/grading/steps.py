"""The order in which a student's cells and the tests run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.course.source import NotebookBundle
from autograder.grading.test_cell import TestCell
from autograder.notebooks.notebook import grade_id_of
from autograder.submission.submission import Submission

SKIPPED_TAGS = {"train", "figure", "hand-in"}


def steps_of(
    bundle: NotebookBundle, tests: Sequence[TestCell], submission: Submission
) -> list[int | TestCell]:
    """The positions of the student's cells to run, and the tests between them, in order.

    A test or a try runs at its place in the student's notebook, or right after its answer if that
    comes later. Cells that only draw or train are not run again unless the student has changed
    them.
    """
    placement = submission.placement
    skipped = {cell.source.strip() for cell in bundle.cells if cell.tags & SKIPPED_TAGS}
    answers = {placement[cell.grade_id] for cell in bundle.answers if cell.grade_id in placement}
    of_tests = {cell.grade_id for cell in (*bundle.tests, *bundle.tries)}
    after: dict[int, list[TestCell]] = {}
    last = len(submission.notebook.cells) - 1
    for test in tests:
        answer = bundle.answer_for(test.cell.exercise)
        places = [placement.get(test.cell.grade_id, -1)]
        if answer is not None:
            places.append(placement.get(answer.grade_id, -1))
        place = max(places)
        after.setdefault(place if place >= 0 else last, []).append(test)
    steps: list[int | TestCell] = []
    for index, cell in enumerate(submission.notebook.cells):
        is_test = grade_id_of(cell) in of_tests and index not in answers
        runs = cell.cell_type == "code" and cell.source.strip() and not is_test
        if runs and cell.source.strip() not in skipped:
            steps.append(index)
        steps += after.get(index, [])
    return steps or list(tests)


def tests_from(steps: list[int | TestCell], start: int) -> Iterator[TestCell]:
    """The tests at ``start``, before the next cell."""
    for number in range(start, len(steps)):
        step = steps[number]
        if not isinstance(step, TestCell):
            return
        yield step
