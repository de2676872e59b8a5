"""Answers without the work, as code: constants, arguments, and modules that pass their input on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from autograder.grading.grader import TrustedNotebook
from autograder.grading.test_cell import TestCell
from autograder.results import TestResult
from tests.course.impostor import tensors
from tests.course.recording import hidden_part

Answer = Callable[..., Any]


class PassesOn(nn.Module):
    """A network of any size that returns its input."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any, *rest: Any) -> Any:
        return x


def constant(value: Any) -> Answer:
    return lambda *args, **kwargs: value


def argument(place: int) -> Answer:
    """Returns an argument, the last one if there are fewer."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        given = [*args, *kwargs.values()]
        return given[min(place, len(given) - 1)] if given else None

    return answer


def full(number: float) -> Answer:
    """Returns a tensor like the first argument that is one, or the number."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        like = next(iter(tensors([*args, *kwargs.values()])), None)
        return number if like is None else torch.full_like(like, number)

    return answer


def zeros_of_all(*args: Any, **kwargs: Any) -> Any:
    """Zeros like every tensor but the first, as the gradients in a backward pass."""
    return tuple(torch.zeros_like(one) for one in tensors([*args, *kwargs.values()])[1:])


TRIVIAL: dict[str, Answer] = {
    "None": constant(None),
    "0": constant(0),
    "1": constant(1),
    "1.0": constant(1.0),
    "True": constant(True),
    "a pair of zeros": constant((0, 0)),
    "the first argument": argument(0),
    "the second argument": argument(1),
    "the last argument": argument(99),
    "zeros": full(0),
    "ones": full(1),
    "zeros for all": zeros_of_all,
    "a module without layers": PassesOn,
}


def references(trusted: TrustedNotebook) -> dict[str, Any]:
    """The setup's names, and the reference's answers to all exercises."""
    names = dict(trusted.setup)
    for answer in trusted.bundle.answers:
        exec(answer.solution, names)
    return names


def local_verdict(
    trusted: TrustedNotebook, names: dict[str, Any], exercise: str, answer: Answer
) -> TestResult:
    """The verdict of an exercise's hidden test on an answer in this process; the others are right."""
    (test,) = (test for test in trusted.tests if test.cell.exercise == exercise)
    return TestCell(hidden_part(test.cell)).run(
        trusted.fresh_setup(),
        {**names, exercise: answer}.__getitem__,
        trusted.context(test, seed=11),
    )


def trivial_points(trusted: TrustedNotebook) -> dict[str, dict[str, float]]:
    """The points of each trivial answer to each exercise: exercise -> answer -> points."""
    names = references(trusted)
    return {
        cell.exercise: {
            name: local_verdict(trusted, names, cell.exercise, answer).points
            for name, answer in TRIVIAL.items()
        }
        for cell in trusted.bundle.answers
    }
