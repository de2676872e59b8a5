from __future__ import annotations

from typing import Any

import torch

from autograder.checks import Misconception
from autograder.results import Evidence
from tests.autograder.evidence.kit import BANK, NO_TWICE, diagnosed, patched, sums


def test_a_wrong_output_of_several_is_named_by_it() -> None:
    def answer(x: torch.Tensor, s: int, b: float) -> Any:
        return patched()(x, s, b)[0] * 3.7 + x[0, 0] ** 2, patched(twice=False)(x, s, b)[1]

    result = diagnosed(answer, joins=False)
    assert "sums.no_twice" in (result.diagnosis, *result.also)
    assert "in columns: You have no_twice." in result.message


def test_a_wrong_group_is_named_by_it() -> None:
    def answer(x: torch.Tensor, s: int, b: float) -> Any:
        return patched(stride=False)(x, s, b) if s == 2 or s == 3 else sums(x.exp(), s, b)

    result = diagnosed(answer, joins=False)
    assert (result.diagnosis, result.evidence) == ("sums.no_stride", Evidence.GROUP)
    assert "a stride" in result.message.splitlines()[1]


def test_a_case_that_is_right_contradicts_a_misconception() -> None:
    def answer(x: torch.Tensor, s: int, b: float) -> Any:
        return patched(shift=False)(x, s, b) if s > 1 else sums(x, s, b)

    # shift is left out with a stride only: no_shift would be wrong without one too
    result = diagnosed(answer)
    assert "sums.no_shift" not in (result.diagnosis, *result.also)


def test_equal_values_by_chance_are_no_evidence() -> None:
    """Without a stride and with a shift near 1, both give the same first value; others differ."""
    ones = Misconception("sums.first_only", "First.", lambda x, s, b: (x[::s, 0], x[0] * 2))
    result = diagnosed(lambda x, s, b: (x[::s, 0] * b, x[0] * 3), (ones,))
    assert "sums.first_only" not in (result.diagnosis, *result.also)


def test_misconceptions_with_the_same_evidence_are_alternatives() -> None:
    twin = Misconception("sums.twin", "Twin.", NO_TWICE.function)

    def answer(x: torch.Tensor, s: int, b: float) -> Any:
        return sums(x, s, b)[0] ** 3 + x[0, 1], patched(twice=False)(x, s, b)[1]

    result = diagnosed(answer, (*BANK, twin), joins=False)
    assert {"sums.no_twice", "sums.twin"} <= {result.diagnosis, *result.also}
    assert "One of these is yours" in result.message
