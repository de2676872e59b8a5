from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checks import assignments
from autograder.trials.cases import LAYOUTS, laid_out
from autograder.trials.literals import MAX_NUMBERS, WIDTH, NotWritable, assignment, literal

FLOATS = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
    elements=st.floats(-1e3, 1e3, width=16)
    | st.sampled_from([float("nan"), float("inf"), -float("inf")]),
)


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"torch": torch, "np": np}
    exec(code, names)
    return names


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(one.nan_to_num(7e2), other.nan_to_num(7e2))


@given(FLOATS)
def test_code_of_a_tensor_makes_the_same_tensor(array: np.ndarray[Any, Any]) -> None:
    value = torch.from_numpy(array)
    code = assignment("x", value)
    made = run(code)["x"]
    assert made.shape == value.shape
    assert made.dtype == value.dtype
    assert torch.equal(made.isnan(), value.isnan())
    assert torch.equal(made[~made.isnan()], value[~value.isnan()])
    assert all(len(line) <= WIDTH for line in code.splitlines())


@pytest.mark.parametrize(
    "value",
    [
        torch.randn(5, 7, generator=torch.Generator().manual_seed(1)),
        torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64),
        torch.randn(6, generator=torch.Generator().manual_seed(1)).bfloat16(),
        torch.tensor([[True, False]]),
        torch.tensor([3, 1, 4], dtype=torch.uint8),
        torch.tensor([1 + 2j, 3j]),
        torch.arange(20, 0, -2),
        torch.arange(20.0, dtype=torch.float64),
        torch.ones(2, 3, dtype=torch.int32),
        torch.zeros(3, 3, dtype=torch.bool),
    ],
    ids=str,
)
def test_every_dtype_is_kept(value: torch.Tensor) -> None:
    assert same(run(assignment("x", value))["x"], value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "torch.tensor([[1., 2.], [3., 4.]])"),
        (torch.tensor([[0.5, -1.0]]), "torch.tensor([[0.5, -1.]])"),
        (torch.tensor([1, 2]), "torch.tensor([1, 2])"),
        (torch.tensor(3.0, dtype=torch.float64), "torch.tensor(3., dtype=torch.float64)"),
        (torch.arange(12.0).reshape(3, 4), "torch.arange(12.).reshape(3, 4)"),
        (torch.arange(1, 9), "torch.arange(1, 9)"),
        (torch.zeros(2, 3), "torch.zeros(2, 3)"),
        (torch.full((2, 2), 2.0), "torch.full((2, 2), 2.)"),
        (torch.tensor([1.0]).requires_grad_(), "torch.tensor([1.]).requires_grad_()"),
        ([torch.tensor([1.0]), None], "[torch.tensor([1.]), None]"),
        (("a", 2, True), "('a', 2, True)"),
        ({"eps": 0.1}, "{'eps': 0.1}"),
        (float("inf"), 'float("inf")'),
        (np.array([1.5, 2.0]), "np.array([1.5, 2.0])"),
    ],
)
def test_small_values_read_as_in_a_notebook(value: Any, code: str) -> None:
    assert literal(value) == code


def test_a_matrix_that_is_too_wide_for_a_line_has_a_row_in_a_line() -> None:
    value = torch.tensor([[1.0, -2.0, 3.0, 4.0, 5.0]] * 5)
    value[0, 0] = 10
    code = assignment("x", value.reshape(1, 1, 5, 5))
    assert code.splitlines()[:2] == ["x = torch.tensor([[[", "    [10., -2.,  3.,  4.,  5.],"]
    assert torch.equal(run(code)["x"], value.reshape(1, 1, 5, 5))


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4, 5)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_in_memory_is_kept(layout: str, shape: tuple[int, ...]) -> None:
    value = laid_out(torch.arange(torch.Size(shape).numel()).float().reshape(shape), layout)
    made = run(assignment("x", value, layout))["x"]
    assert torch.equal(made, value)
    assert made.is_contiguous() == value.is_contiguous()
    assert made.storage_offset() == (3 if layout == "behind" else 0)
    if layout == "transposed" and len(shape) > 1:
        assert made.stride() == value.stride()


def test_a_repeated_number_without_memory_stays_so() -> None:
    value = torch.tensor([[2.0]]).expand(3, 4)
    made = run(assignment("x", value))["x"]
    assert torch.equal(made, value)
    assert made.stride() == (0, 0)


def test_a_tensor_of_too_many_numbers_still_runs_and_says_that_it_has_others() -> None:
    for value in (torch.rand(13, 13), torch.arange(300).remainder(7)):
        code = assignment("x", value)
        assert value.numel() > MAX_NUMBERS
        assert "# other numbers than in the test" in code
        made = run(code)["x"]
        assert (made.shape, made.dtype) == (value.shape, value.dtype)


def test_objects_without_code_are_told_in_words() -> None:
    with pytest.raises(NotWritable, match="an object of the class object"):
        literal(object())
    assert assignment("model", object()) == "model = ...  # an object of the class object"


def test_an_author_writes_several_values_at_once() -> None:
    code = assignments(x=torch.tensor([1.0]), K=3)
    assert code == "x = torch.tensor([1.])\nK = 3"
