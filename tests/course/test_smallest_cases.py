"""The smallest failing case of each exercise: a few round numbers, as code that runs."""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from autograder.checks import CheckContext, checking, report
from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer, load_bank
from autograder.course.source import NotebookBundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.test_cell import TestCell
from autograder.trials.call import Trial

SAMPLE = 6  # misconceptions of each exercise
SLOW = {"ResNet18": 2, "SmallCNN": 2, "augment": 3}  # fewer of them, because their checks are slow
MOST_NUMBERS = 60
SEED = 5
LARGE = {
    "conv2d_fast": "a Python loop shows only on a large axis",
}


@dataclass(frozen=True)
class Shown:
    """The smallest failing case of a wrong answer, and the code that shows it."""

    wrong: WrongAnswer
    function: Any
    trial: Trial
    code: str


@pytest.fixture(scope="module")
def trusted(bundle: NotebookBundle, course: Course) -> TrustedNotebook:
    return TrustedNotebook.load(bundle, course.root)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[report.Story]:
    """The stories of the checks that run."""
    found: list[report.Story] = []
    message = report.message

    def noted(story: report.Story) -> str:
        found.append(story)
        return message(story)

    monkeypatch.setattr(report, "message", noted)
    return found


def shown(
    bundle: NotebookBundle, trusted: TrustedNotebook, seen: list[report.Story]
) -> Iterator[Shown]:
    """A sample of the misconceptions of each exercise, with their smallest cases."""
    answers = names_of(bundle, trusted)
    bank = load_bank(bundle)
    for test in trusted.tests:
        exercise = test.cell.exercise
        mine = [wrong for wrong in bank if wrong.exercise == exercise]
        count = min(SLOW.get(exercise, SAMPLE), len(mine))
        for wrong in random.Random(1).sample(mine, count):
            function = wrong.build(trusted.joiner.namespace)
            seen.clear()
            run(test, trusted, {**answers, exercise: function})
            if seen:
                yield Shown(wrong, function, seen[-1].smallest, seen[-1].snippet.code)


def names_of(bundle: NotebookBundle, trusted: TrustedNotebook) -> dict[str, Any]:
    """The names of a notebook that holds the reference answers."""
    names = trusted.fresh_setup()
    for answer in bundle.answers:
        exec(compile(answer.solution, answer.exercise, "exec"), names)
    return names


def run(test: TestCell, trusted: TrustedNotebook, answers: dict[str, Any]) -> None:
    """Run the hidden test of an answer in this process, without naming mistakes."""
    source = test.cell.source.replace("### BEGIN HIDDEN TESTS", "")
    names = trusted.fresh_setup()
    exec(source.replace("### END HIDDEN TESTS", "").rstrip().rpartition("\n")[0], names)
    with checking(CheckContext(SEED)):
        names["test"](*(answers[name] for name in inspect.signature(names["test"]).parameters))


def numbers(code: str) -> list[float]:
    """All numbers that the code spells out for tensors, but for their shapes and seeds."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    tensors = [call.args[0] for call in calls if ast.unparse(call.func) == "torch.tensor"]
    return [
        node.value
        for tensor in tensors
        for node in ast.walk(tensor)
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    ]


def is_round(number: float) -> bool:
    """Whether a number has at most two decimals or two digits."""
    return number in (round(number, 2), float(f"{number:.2g}"))


def floats(code: str) -> list[float]:
    nodes = ast.walk(ast.parse(code))
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, float)]


def test_the_smallest_case_is_a_few_round_numbers_as_code_that_runs(
    bundle: NotebookBundle, trusted: TrustedNotebook, seen: list[report.Story]
) -> None:
    mistakes = []
    names = names_of(bundle, trusted)
    for one in shown(bundle, trusted, seen):
        exercise = one.wrong.exercise
        if len(numbers(one.code)) > MOST_NUMBERS:
            mistakes.append(f"{one.wrong.id} shows {len(numbers(one.code))} numbers")
        if "other numbers than in the test" in one.code and exercise not in LARGE:
            mistakes.append(f"{one.wrong.id} shows a tensor of other numbers")
        mistakes += [
            f"{one.wrong.id} shows {number}" for number in floats(one.code) if not is_round(number)
        ]
        error = error_of(one, names)
        if error is not None and one.trial.got.raised is None:
            mistakes.append(f"{one.wrong.id}: the code raises {error}: {one.code}")
    assert not mistakes, "\n".join(mistakes)


def error_of(one: Shown, names: dict[str, Any]) -> str | None:
    """The exception of the shown code, in words; None if it runs."""
    own = getattr(one.function, "__globals__", {})
    beside = {"load_checkpoint": own["load_checkpoint"]} if "load_checkpoint" in own else {}
    with contextlib.redirect_stdout(io.StringIO()), torch.random.fork_rng():
        try:
            exec(one.code, {**names, **beside, one.wrong.exercise: one.function})
        except Exception as error:
            return repr(error)[:300]
    return None


def test_numbers_are_counted_and_judged() -> None:
    code = "x = torch.tensor([[1., -2.5], [0.125, 3.]])\nf(x, torch.zeros(9), 1e-05, 0.5)"
    assert len(numbers(code)) == 4
    assert [number for number in floats(code) if not is_round(number)] == [0.125]
    with pytest.raises(SyntaxError):
        numbers("f(x")
