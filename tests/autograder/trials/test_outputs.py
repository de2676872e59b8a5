from __future__ import annotations

import torch

from autograder.trials.outputs import WHOLE, output_names, outputs_of


def backward(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    dx, dweight = x, x
    return dx.to(x.dtype), dweight


def one(x: torch.Tensor) -> torch.Tensor:
    return x


def nameless(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x + 1, x


def test_names_are_those_of_the_returned_variables() -> None:
    assert output_names(backward) == ("dx", "dweight")
    assert output_names(one) == output_names(nameless) == output_names(None) == ()


def test_a_value_is_taken_apart_as_the_expected_one() -> None:
    pair = torch.zeros(2), torch.ones(2)
    assert list(outputs_of(pair, pair, ("a", "b")) or {}) == ["a", "b"]
    assert list(outputs_of(pair, pair) or {}) == ["output 1", "output 2"]
    assert outputs_of(pair[0], pair) is None
    assert outputs_of((3, 4), (3, 4)) == {WHOLE: (3, 4)}
    assert outputs_of({"a": 1, "more": 2}, {"a": 3}) == {"a": 1}
    assert outputs_of({}, {"a": 3}) is None
