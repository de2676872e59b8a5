"""Every function of 01 to 03 with tensor arguments: forbidden uses of them by an answer."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.course.source import load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.results import TestResult
from tests.course.conftest import ROOT
from tests.course.strategies import unexplained
from tests.course.trivial import local_verdict, references

Function = Callable[..., Any]
NAMES = ("01_convolution", "02_pooling", "03_normalization")
PATHS = [ROOT / "source" / "conv" / f"{name}.py" for name in NAMES]
NUMBERS_ONLY = {
    "conv_output_size", "conv_param_count", "conv_mac_count", "pool_output_size", "receptive_field",
    "same_conv", "avg_pool_as_conv", "BatchNorm", "fuse_conv_bn", "freeze_batchnorm",
}  # fmt: skip
CHANGES: list[Callable[[torch.Tensor], Any]] = [
    lambda x: x.add_(1),
    lambda x: x.unsqueeze_(0),
    lambda x: x.requires_grad_(),
    lambda x: x.resize_(0),
    lambda x: setattr(x, "data", x.data.double()),
]


@cache
def trusted(path: Path) -> TrustedNotebook:
    return TrustedNotebook.load(load_bundle(path), ROOT)


@cache
def right_answers(path: Path) -> dict[str, Any]:
    return references(trusted(path))


def exercises() -> Iterator[object]:
    for path in PATHS:
        for answer in load_bundle(path).answers:
            if answer.exercise not in NUMBERS_ONLY:
                yield pytest.param(path, answer.exercise, id=answer.exercise)


def graded(path: Path, exercise: str, function: Function) -> TestResult:
    """The verdict of an exercise's hidden test on a function that lives on this side."""
    with unexplained():
        return local_verdict(trusted(path), right_answers(path), exercise, function)


def assuming(function: Function, name: str) -> Function:
    """The function, which takes one argument for dense where there is no padding to copy it for."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        is_tensor = isinstance(bound.arguments.get(name), torch.Tensor)
        if is_tensor and not bound.arguments.get("padding"):
            bound.arguments[name] = dense(bound.arguments[name])
        return function(*bound.args, **bound.kwargs)

    return wrong


def changing(function: Function, name: str, change: Callable[[torch.Tensor], Any]) -> Function:
    """The function, which changes one argument where there is no padding."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        value = function(*args, **kwargs)
        given = bound.arguments.get(name)
        if isinstance(given, torch.Tensor) and not bound.arguments.get("padding"):
            change(given)
        return value

    return wrong


def tensors_of(function: Function) -> list[str]:
    known = {"X", "K", "Y", "image", "template", "k1", "k2", "x", "weight", "bias", "dout", "gamma",
             "beta", "running_mean", "running_var"}  # fmt: skip
    return [name for name in inspect.signature(function).parameters if name in known]


def dense(x: torch.Tensor) -> torch.Tensor:
    """The numbers in memory, as if x were stored there row by row from the start."""
    strides = [math.prod(x.shape[axis + 1 :]) for axis in range(x.dim())]
    return x.as_strided(x.shape, strides, 0)


@pytest.mark.parametrize(("path", "exercise"), list(exercises()))
def test_an_answer_that_reads_memory_as_if_an_argument_were_dense_loses_points(
    path: Path, exercise: str
) -> None:
    function = right_answers(path)[exercise]
    worth = graded(path, exercise, function).points
    for name in tensors_of(function):
        if (exercise, name) != ("avg_pool2d_backward", "x"):  # of which only the shape counts
            assert graded(path, exercise, assuming(function, name)).points < worth, name


@pytest.mark.parametrize(("path", "exercise"), list(exercises()))
def test_an_answer_that_changes_an_argument_loses_points_even_if_only_without_padding(
    path: Path, exercise: str
) -> None:
    function = right_answers(path)[exercise]
    worth = graded(path, exercise, function).points
    for number, name in enumerate(tensors_of(function)):
        change = CHANGES[(number + len(exercise)) % len(CHANGES)]

        wrong = changing(function, name, change)
        assert graded(path, exercise, wrong).points < worth, (name, number)


@pytest.mark.parametrize(("path", "exercise"), list(exercises()))
def test_optional_numbers_in_another_order_lose_points(path: Path, exercise: str) -> None:
    function = right_answers(path)[exercise]
    parameters = inspect.signature(function).parameters
    numbers = [n for n, p in parameters.items() if type(p.default) in (int, float)]
    if len(numbers) < 2 or exercise == "learn_kernel":  # whose steps and lr are the student's
        return

    def swapped(*args: Any, **kwargs: Any) -> Any:
        order = [n for n in parameters if n not in numbers] + numbers[::-1]
        return function(**dict(zip(order, args, strict=False)), **kwargs)

    worth = graded(path, exercise, function).points
    assert 0 < graded(path, exercise, swapped).points < worth
