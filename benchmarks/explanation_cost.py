"""The processor time of an explanation: smallest case, diagnosis and drawing of a wrong answer.

    python -m benchmarks.explanation_cost [ASSIGNMENT ...]

Misconceptions and composed pairs of them are checked in this process, with one thread.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from autograder.checks import checking
from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer, joined, load_bank
from autograder.course.source import NotebookBundle, load_assignment
from autograder.grading.grader import TrustedNotebook
from autograder.grading.test_cell import TestCell

EACH = 6  # single misconceptions, and pairs, of an exercise
_CHECK = importlib.import_module("autograder.checks.check")  # the package exports the function


def main(assignments: list[str]) -> None:
    """Print the median and the largest seconds of each exercise, and of all."""
    torch.set_num_threads(1)
    course = Course.find(Path.cwd())
    seconds: list[float] = []
    print(f"{'exercise':24}{'answers':>8}{'median s':>10}{'largest s':>11}")
    for assignment in assignments or course.assignment_names():
        for bundle in load_assignment(course, assignment):
            for exercise, own in measured(bundle, course.root):
                print(
                    f"{exercise:24}{len(own):8}{statistics.median(own):10.2f}{max(own):11.2f}",
                    flush=True,
                )
                seconds += own
    print(f"{'all':24}{len(seconds):8}{statistics.median(seconds):10.2f}{max(seconds):11.2f}")


def measured(bundle: NotebookBundle, root: Path) -> Iterator[tuple[str, list[float]]]:
    """The seconds of some explanations for each exercise of a notebook."""
    trusted, bank = TrustedNotebook.load(bundle, root), load_bank(bundle)
    for cell in trusted.tests:
        answers = drawn(bundle, [one for one in bank if one.exercise == cell.cell.exercise])
        found = [s for wrong in answers for s in explanation_s(trusted, cell, wrong)]
        if found:
            yield cell.cell.exercise, found


def drawn(bundle: NotebookBundle, bank: list[WrongAnswer]) -> list[WrongAnswer]:
    """Some misconceptions, and some pairs that compose."""
    source = random.Random(1)
    pairs = list(itertools.combinations(bank, 2))
    source.shuffle(pairs)
    answer = bundle.answer_for(bank[0].exercise) if bank else None
    found = (joined(answer, *pair) for pair in pairs if answer is not None)
    both = itertools.islice((one for one in found if one is not None), EACH)
    return [*source.sample(bank, min(EACH, len(bank))), *both]


def explanation_s(trusted: TrustedNotebook, cell: TestCell, wrong: WrongAnswer) -> list[float]:
    """The processor seconds of the explanation, or [] if there is none."""
    source = cell.cell.source.replace("### BEGIN HIDDEN TESTS", "")
    text, _, _ = source.replace("### END HIDDEN TESTS", "").rstrip().rpartition("\n")
    names, given = trusted.fresh_setup(), dict(trusted.joiner.namespace)
    exec(compile(text, "<check>", "exec"), names)
    try:
        given[wrong.exercise] = wrong.build(given)
    except SyntaxError:  # two patches that fit the text may make no program
        return []
    found: list[float] = []
    timed = _timed(_CHECK._explained, found)  # type: ignore[attr-defined]
    with mock.patch.object(_CHECK, "_explained", timed), checking(trusted.context(cell, 5)):
        names["test"](*[given[name] for name in inspect.signature(names["test"]).parameters])
    return found


def _timed(function: Callable[..., Any], found: list[float]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        began = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            found.append(time.process_time() - began)

    return call


if __name__ == "__main__":
    main(sys.argv[1:])
