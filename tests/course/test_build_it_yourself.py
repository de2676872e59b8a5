"""Ready-made functions are named in every mode, and Python loops lose their groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from autograder.config.settings import Settings
from autograder.course.answers import answers_path, read_answers
from autograder.results import Outcome
from autograder.sandbox.launcher import ForkServer
from tests.course.cheats import CHEATS, Cells
from tests.course.exercise import ROOT, verdict


def each(answers: dict[str, dict[str, Cells]]) -> list[object]:
    return [
        pytest.param(exercise, cells, id=f"{exercise}: {way}")
        for exercise, ways in answers.items()
        for way, cells in ways.items()
    ]


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkServer]:
    with ForkServer(Settings()) as warm:
        yield warm


@pytest.mark.parametrize(("exercise", "cells"), each(CHEATS))
def test_a_ready_made_function_earns_nothing_and_is_named(
    parent: ForkServer, exercise: str, cells: Cells
) -> None:
    result = verdict(parent, exercise, *cells)
    assert result.points == 0
    assert result.outcome is Outcome.FAILED
    assert f"{exercise} uses " in result.message, result.message
    assert "build that part yourself" in result.message
    assert "ok   " in result.printed, "the cheat does not even work where nobody looks"


FAST = "conv2d_fast"
COMPILED = """
import torch.nn.functional as F


@torch.compile
def work(x, weight, b, stride, padding):
    K_H, K_W = weight.shape[2:]
    windows = F.pad(x, [padding] * 4).unfold(2, K_H, stride).unfold(3, K_W, stride)
    return torch.einsum("nchwij,ocij->nohw", windows, weight) + b[:, None, None]


def conv2d_fast(x, weight, bias=None, stride=1, padding=0):
    b = x.new_zeros(weight.shape[0]) if bias is None else bias
    return work(x, weight, b, stride, padding)
"""  # right, and too slow for right.py
LOOPS = [
    pytest.param(answer.code, id=answer.title)
    for answer in read_answers(answers_path(ROOT / "source" / "conv", FAST, "wrong"), FAST)
    if "loop" in answer.title
]


@pytest.mark.parametrize("code", LOOPS)
def test_a_loop_over_positions_channels_or_the_batch_costs_its_groups_whoever_computes(
    parent: ForkServer, code: str
) -> None:
    result = verdict(parent, FAST, code)
    assert result.outcome in (Outcome.PARTIAL, Outcome.FAILED)
    assert "without a loop over" in result.message
    assert re.search("is there still a Python loop|which is a Python loop", result.message)


def test_a_right_answer_that_torch_compiles_earns_everything(parent: ForkServer) -> None:
    result = verdict(parent, FAST, COMPILED)
    assert result.outcome is Outcome.PASSED, result.message
