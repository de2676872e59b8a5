"""Ask one exercise of the course about one answer, in a student's process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from autograder.course.source import load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.proxy.process import StudentProcess
from autograder.results import TestResult
from autograder.sandbox.launcher import ForkServer
from autograder.wall.protocol import FindName, RunCell

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ("01_convolution", "02_pooling", "03_normalization")
SEED = 7


@cache
def notebook(name: str) -> TrustedNotebook:
    return TrustedNotebook.load(load_bundle(ROOT / "source" / "conv" / f"{name}.py"), ROOT)


@cache
def notebook_of(exercise: str) -> TrustedNotebook:
    for name in NOTEBOOKS:
        if any(test.cell.exercise == exercise for test in notebook(name).tests):
            return notebook(name)
    raise KeyError(exercise)


def verdict(parent: ForkServer, exercise: str, *cells: str) -> TestResult:
    """The result of the exercise's test for an answer; the cells run below the notebook's setup.

    ``printed`` holds what its visible test printed.
    """
    trusted = notebook_of(exercise)
    (visible, test) = (test for test in trusted.in_order if test.cell.exercise == exercise)
    process = StudentProcess(parent.start_student())
    try:
        for source in (trusted.bundle.setup, *cells):
            report = process.ask(RunCell(source))
            assert report.error is None, report.error
        tried, result = (
            one.run(
                trusted.fresh_setup(),
                lambda name: process.ask(FindName(name)).value,
                trusted.context(one, SEED),
            )
            for one in (visible, test)
        )
        return replace(result, printed=tried.printed)
    finally:
        process.close()
