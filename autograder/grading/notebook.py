"""Grade one notebook of one student: a function of its bytes, the source and a seed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from autograder.course.source import NotebookBundle, SourceCell
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.grading.grader import TrustedNotebook
from autograder.grading.seeds import seed_for
from autograder.grading.session import Sitting
from autograder.grading.steps import SKIPPED_TAGS, steps_of, tests_from
from autograder.grading.test_cell import TestCell
from autograder.notebooks.notebook import grade_id_of
from autograder.proxy.errors import WallFailure
from autograder.results import GRADER_FAILED, Evidence, NotebookResult, Outcome, TestResult, worst
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import Submission


def grade_notebook(
    server: ForkServer,
    trusted: TrustedNotebook,
    submission: Submission,
    student: str,
    secret: bytes,
) -> NotebookResult:
    """The verdict on a submitted notebook, by the tests of ``trusted``.

    The student's process is gone when this returns. A failure of ours is a ``grader_error`` of the
    tests that it struck, never points won or lost.
    """
    started, cpu_started = time.monotonic(), time.process_time()
    bundle = trusted.bundle
    sitting = Sitting(server, submission.files)
    results: dict[str, TestResult] = {}
    given = {
        cell.grade_id: cell
        for cell in bundle.cells
        if cell.is_given and cell.grade_id and not cell.tags & SKIPPED_TAGS
    }
    missing = _MissingCells(given, {grade_id_of(cell) for cell in submission.notebook.cells})
    released = {text.strip() for text in bundle.released}
    answered = set(submission.placement.values())

    def run_test(test: TestCell) -> None:
        cell = test.cell
        seed = seed_for(
            secret, student, bundle.assignment, bundle.name, cell.grade_id, submission.digest
        )
        run = _run_try if cell.is_try else _run_test
        results[cell.grade_id] = run(sitting, trusted, test, submission, seed)

    def run_cell(index: int, next_tests: Iterable[TestCell] = ()) -> None:
        cell = submission.notebook.cells[index]
        wanted = sorted({name for test in next_tests for name in trusted.student_names(test)})
        original = given.get(grade_id_of(cell))
        is_given = cell.source.strip() in released
        is_own = original is None and index not in answered and not is_given
        sitting.run_cell(index, cell.source, wanted, is_own=is_own, is_given=is_given)
        if original is not None and original.source.strip() != cell.source.strip():
            sitting.run_given(original.grade_id, original.source)  # additions may stay
            for cell in missing.after(original.grade_id):
                sitting.run_given(cell.grade_id, cell.source)

    try:
        for cell in missing.cells:
            sitting.run_given(cell.grade_id, cell.source)
        steps = steps_of(bundle, trusted.in_order, submission)
        for number, step in enumerate(steps, 1):
            if isinstance(step, TestCell):
                run_test(step)
            else:
                run_cell(step, tests_from(steps, number))
        again = [
            test for test in trusted.in_order if _name_was_missing(results[test.cell.grade_id])
        ]
        if again:  # a needed cell may have come later
            for index in sitting.lacking_names():
                run_cell(index)
        for test in again:
            run_test(test)
    except AutograderError as error:
        for test in trusted.tests:
            results.setdefault(test.cell.grade_id, _grader_error(test.cell, str(error)))
    finally:
        sitting.close()
    tests = tuple(
        results[cell.grade_id] if cell.is_test else _manual(cell, submission)
        for cell in bundle.graded
        if cell.is_manual or (cell.is_test and cell.grade_id in results)
    )
    tries = tuple(results[cell.grade_id] for cell in bundle.tries if cell.grade_id in results)
    killed = tuple(
        f"cell {index + 1} was skipped after it ended the process: {failure.message}"
        for index, failure in sitting.killers.items()
    )
    return NotebookResult(
        student=student,
        assignment=bundle.assignment,
        notebook=bundle.name,
        tests=tests,
        seconds=time.monotonic() - started,
        student_cpu_s=sitting.cpu_s,
        grader_cpu_s=time.process_time() - cpu_started,
        outcome=worst([test.outcome for test in tests]),
        notes=(*submission.notes, *killed, *sitting.notes),
        outputs=sitting.outputs,
        sandbox=server.kind,
        stops=tuple(sitting.stops),
        tries=tries,
    )


class _MissingCells:
    """Given cells that a notebook lacks, because they were deleted or it is of an older release.

    In an older release their code may stand in the given cell before them, with another text.
    """

    def __init__(self, given: Mapping[str, SourceCell], present: Collection[str]) -> None:
        self.cells = [cell for name, cell in given.items() if name not in present]
        self._after: dict[str, list[SourceCell]] = {}
        before = ""
        for name, cell in given.items():
            if name in present:
                before = name
            else:
                self._after.setdefault(before, []).append(cell)

    def after(self, name: str) -> list[SourceCell]:
        """The missing cells between a given cell and the next given cell of the notebook."""
        return self._after.get(name, [])


def without_verdict(
    bundle: NotebookBundle, student: str, outcome: Outcome, reason: str, log: str = ""
) -> NotebookResult:
    """The result of a notebook that was not run: missing, unreadable, or lost by the grader."""
    tests = tuple(
        TestResult(cell.grade_id, cell.exercise, 0.0, cell.points, outcome, message=reason, log=log)
        for cell in bundle.graded
        if not cell.is_try
    )
    return NotebookResult(
        student, bundle.assignment, bundle.name, tests, outcome=outcome, notes=(reason,)
    )


def unreadable(
    bundle: NotebookBundle, student: str, error: UnreadableSubmission, file_name: str
) -> NotebookResult:
    """The result of a file that is not a notebook."""
    reason = (
        f"{file_name} could not be read: {error}. Please download the notebook again "
        "(in Colab: File, Download, .ipynb) and hand it in once more."
    )
    return without_verdict(bundle, student, Outcome.UNREADABLE, reason)


def _run_test(
    sitting: Sitting,
    trusted: TrustedNotebook,
    test: TestCell,
    submission: Submission,
    seed: int,
) -> TestResult:
    context = trusted.context(test, seed, submission.files)
    try:
        result: TestResult = sitting.test(
            test.cell.grade_id,
            lambda: test.run(trusted.fresh_setup(), sitting.name, context, sitting.printed),
        )
    except WallFailure as failure:
        result = replace(_plain(test.cell, failure.outcome, failure.message), seed=seed)
    result = _blamed_on_cell(result, sitting, trusted.bundle, submission)
    if result.outcome in (Outcome.PASSED, Outcome.GRADER_ERROR):
        return result
    return _with_sentence(result, sitting.changed_settings())


def _run_try(
    sitting: Sitting,
    trusted: TrustedNotebook,
    test: TestCell,
    submission: Submission,
    seed: int,
) -> TestResult:
    """The verdict on a visible test. It gives no points: the hidden tests decide them."""
    context = trusted.context(test, seed, submission.files)
    try:
        result: TestResult = sitting.visible_test(
            test.cell.grade_id,
            lambda: test.run(
                trusted.fresh_setup(), sitting.name, context, sitting.tellable_printed
            ),
        )
    except WallFailure as failure:
        result = _plain(test.cell, failure.outcome, failure.message)
    return _blamed_on_cell(result, sitting, trusted.bundle, submission)


def _blamed_on_cell(
    result: TestResult, sitting: Sitting, bundle: NotebookBundle, submission: Submission
) -> TestResult:
    """Explain that an answer is not defined because its own cell failed; that is its diagnosis."""
    answer = bundle.answer_for(result.exercise)
    if answer is None or not _name_was_missing(result):
        return result
    place = submission.placement.get(answer.grade_id, -1)
    if place in sitting.killers:
        failure = sitting.killers[place]
        text = f"The cell that defines {result.exercise} was stopped. {failure.message}"
        return _plain(answer, failure.outcome, text, result)
    output = sitting.outputs.get(place)
    if output is not None and output.error is not None:
        kind, text, lines = output.error
        told = "\n".join((f"The cell that defines {result.exercise} raised {kind}: {text}", *lines))
        named = f"{result.exercise}.exception_not_defined"
        result = replace(result, diagnosis=named, also=(), evidence=Evidence.EXCEPTION)
        return _plain(answer, Outcome.ERROR, told, result)
    return result


def _with_sentence(result: TestResult, sentence: str) -> TestResult:
    """The result with one more sentence for the student."""
    from autograder.checks.report import plain_html

    if not sentence:
        return result
    html = result.html + plain_html(sentence)
    return replace(result, message=f"{result.message}\n{sentence}".strip(), html=html)


def _name_was_missing(result: TestResult) -> bool:
    return result.outcome is not Outcome.PASSED and result.missing_name != ""


def _plain(
    cell: SourceCell, outcome: Outcome, message: str, instead_of: TestResult | None = None
) -> TestResult:
    from autograder.checks.report import plain_html

    base = instead_of or TestResult(cell.grade_id, cell.exercise, 0.0, cell.points, outcome)
    return replace(base, outcome=outcome, message=message, html=plain_html(message, "bad"))


def _manual(cell: SourceCell, submission: Submission) -> TestResult:
    """An open question: a person must read it, or it is not answered."""
    if cell.grade_id not in submission.answered:
        return TestResult(
            cell.grade_id, cell.exercise, 0.0, cell.points, Outcome.FAILED, message="Not answered."
        )
    return TestResult(
        cell.grade_id,
        cell.exercise,
        0.0,
        cell.points,
        Outcome.NEEDS_MANUAL_GRADE,
        message="A person grades this answer.",
    )


def _grader_error(cell: SourceCell, log: str) -> TestResult:
    return TestResult(
        cell.grade_id,
        cell.exercise,
        0.0,
        cell.points,
        Outcome.GRADER_ERROR,
        message=GRADER_FAILED,
        log=log,
    )
