from __future__ import annotations

from typing import Any

import torch

from autograder.checks import Misconception
from tests.autograder.evidence.kit import BANK, diagnosed, patched, sums


def float32(function: Any) -> Any:
    return lambda x, s, b: tuple(output.float() for output in function(x, s, b))


def test_a_lost_dtype_does_not_hide_a_known_mistake() -> None:
    result = diagnosed(float32(patched(shift=False)))
    assert result.diagnosis == "sums.no_shift"
    assert "sums.relation_dtype" in result.also


def test_a_lost_dtype_has_the_name_of_the_bank() -> None:
    lost = Misconception("sums.dtype_lost", "Lost.", float32(sums))
    result = diagnosed(float32(patched(shift=False)), (*BANK, lost))
    assert (result.diagnosis, result.also) == ("sums.no_shift", ("sums.dtype_lost",))


def test_changed_arguments_do_not_hide_a_known_mistake() -> None:
    def answer(x: torch.Tensor, s: int, b: float) -> Any:
        found = patched(twice=False)(x, s, b)
        x.zero_()
        return found

    result = diagnosed(answer)
    assert result.diagnosis == "sums.no_twice"
    assert "sums.relation_arguments" in result.also


def test_a_property_of_the_named_mistake_is_not_told_again() -> None:
    both = Misconception("sums.both", "Both.", float32(patched(shift=False)))
    result = diagnosed(float32(patched(shift=False)), (both,))
    assert (result.diagnosis, result.also) == ("sums.both", ())


def test_the_direction_of_a_lost_dtype_is_told() -> None:
    def wide(x: torch.Tensor, s: int, b: float) -> Any:
        return tuple(output.double() for output in sums(x, s, b))

    assert "For float32 inputs the output is float64." in diagnosed(wide).message
    assert "For float64 inputs the output is float32." in diagnosed(float32(sums)).message


def test_a_loss_of_digits_that_only_float64_shows_is_told() -> None:
    def rounded(x: torch.Tensor, s: int, b: float) -> Any:
        return tuple(output.float().to(x.dtype) for output in sums(x, s, b))

    result = diagnosed(rounded)
    assert result.diagnosis == "sums.relation_precision"
    assert diagnosed(patched(shift=False)).also == ()
