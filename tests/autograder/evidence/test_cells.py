from __future__ import annotations

import pytest
import torch

from autograder.evidence.cells import Material, OutOfCalls, alike
from autograder.evidence.cost import calls_for
from autograder.trials.call import Observation, Raised, Trial
from autograder.trials.cases import Call, Style
from autograder.trials.compare import Difference
from tests.autograder.evidence.kit import patched, sums


def trial(passed: bool, style: Style | None = None) -> Trial:
    call = Call(torch.arange(12.0).reshape(4, 3), 1, 2.0)
    expected = sums(*call.args)
    got = expected if passed else (expected[0] + 1, expected[1])
    found = None if passed else Difference("it differs")
    return Trial({}, style or Style(), call, expected, Observation(got), found)


def test_a_cell_is_one_output_of_one_plain_case() -> None:
    material = Material(
        "sums", sums, None,
        [("g", trial(False)), ("g", trial(True)), ("p", trial(False, Style(strict_dtype=True)))],
    )  # fmt: skip
    assert [(cell.output, cell.is_wrong) for cell in material.cells] == [
        ("rows", True), ("columns", False), ("rows", False), ("columns", False),
    ]  # fmt: skip


def test_the_same_call_is_made_once_and_calls_end() -> None:
    material = Material("sums", sums, None, [("g", trial(False))], calls_left=1)
    other = patched(shift=False)
    first = material.observed(other, material.trials[0][1])
    assert material.observed(other, material.trials[0][1]) is first
    with pytest.raises(OutOfCalls):
        material.observed(patched(), material.trials[0][1])


def test_exceptions_are_alike_by_type_and_text() -> None:
    assert alike(Raised("IndexError", "index 3"), Raised("IndexError", "index 3"))
    assert not alike(Raised("IndexError", "index 3"), Raised("IndexError", "index 4"))
    assert not alike(Raised("IndexError", "index 3"), torch.zeros(1))


def test_a_slow_function_gets_fewer_calls() -> None:
    def slow(x: torch.Tensor, s: int, b: float) -> object:
        for _ in range(5_000):
            b += 0.0
        return sums(x, s, b)

    quick = calls_for(Material("sums", sums, None, [("g", trial(False))]))
    assert calls_for(Material("sums", slow, None, [("g", trial(False))])) < quick
