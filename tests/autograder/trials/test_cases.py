from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.trials.cases import LAYOUTS, Call, Draw, Style


@given(st.integers(0, 2**48), st.lists(st.integers(0, 4), max_size=4))
def test_the_same_seed_draws_the_same_values(seed: int, shape: list[int]) -> None:
    for style in (Style(), Style(whole_numbers=True), Style(dtype=torch.float64)):
        one, other = Draw(seed, style), Draw(seed, style)
        assert one.tensor(*shape).equal(other.tensor(*shape))
        assert one.uniform(0, 1) == other.uniform(0, 1)
        assert one.integer(0, 99) == other.integer(0, 99)


def test_another_seed_draws_other_values_and_the_course_s_random_numbers_are_left_alone() -> None:
    state = torch.random.get_rng_state()
    assert not Draw(1).tensor(5).equal(Draw(2).tensor(5))
    assert torch.random.get_rng_state().equal(state)


def test_a_style_decides_dtype_and_kind_of_numbers_but_not_the_values() -> None:
    plain = Draw(3).tensor(3, 4)
    double = Draw(3, Style(dtype=torch.float64)).tensor(3, 4)
    whole = Draw(3, Style(whole_numbers=True)).tensor(2, 4)
    assert (plain.dtype, double.dtype) == (torch.float32, torch.float64)
    assert plain.equal(double.float())
    assert whole.equal(whole.round())
    assert whole.min() >= -3
    assert whole.max() <= 5


@given(st.integers(), st.integers(-5, 5), st.integers(0, 5))
def test_numbers_lie_within_their_bounds_both_included(seed: int, low: int, span: int) -> None:
    draw = Draw(seed % 2**60)
    assert low <= draw.integer(low, low + span) <= low + span
    assert low <= draw.uniform(low, low + span) <= low + span
    assert draw.choice("abc") in "abc"
    assert draw.uniform(low, low + span, 2, 3).shape == (2, 3)


READABLE = Style(whole_numbers=True)


@given(st.integers(0, 2**48), st.integers(1, 36))
def test_few_numbers_of_a_readable_case_are_small_and_all_different(seed: int, count: int) -> None:
    values = Draw(seed, READABLE).tensor(count)
    assert len(values.unique()) == count
    assert values.abs().max() <= max(5, count // 2 + 1)
    assert 0 not in values


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (0.5, 2, [0.5, 1, 1.5, 2]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (-2, 2, [-2, -1, 0, 1, 2]),
        (0.3, 0.6, [0.3, 0.4, 0.5, 0.6]),
        (0, 255, [0, 50, 100, 150, 200, 250]),
        (0.02, 0.98, [0.25, 0.5, 0.75]),
        (1, 1, [1]),
        (0.001, 0.002, [0.001]),
    ],
)
def test_readable_numbers_between_bounds_are_round(
    low: float, high: float, numbers: list[float]
) -> None:
    drawn = [Draw(seed, READABLE).uniform(low, high) for seed in range(100)]
    assert sorted(set(drawn)) == numbers
    many = Draw(1, READABLE).uniform(low, high, 300)
    assert sorted(set(many.double().tolist())) == pytest.approx(numbers)
    assert len(Draw(1, READABLE).uniform(low, high, len(numbers)).unique()) == len(numbers)


def test_a_readable_integer_is_one_of_the_lowest() -> None:
    drawn = {Draw(seed, READABLE).integer(5, 1 << 30) for seed in range(2000)}
    assert (min(drawn), max(drawn)) == (5, 104)


def test_both_bounds_are_drawn() -> None:
    draw = Draw(0)
    assert {draw.integer(2, 4) for _ in range(100)} == {2, 3, 4}
    assert {draw.choice("ab") for _ in range(50)} == {"a", "b"}


def test_a_case_is_a_call_a_tuple_of_arguments_or_one_argument() -> None:
    call = Call(1, k=2)
    assert Call.of(call) is call
    assert Call.of((1, 2)).args == (1, 2)
    assert Call.of([1, 2]).args == ([1, 2],)
    assert not call.has_expected
    assert Call(1).expecting(None).has_expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 1, 4)])
def test_a_layout_changes_the_place_of_numbers_in_memory_and_not_the_numbers(
    layout: str, shape: tuple[int, ...]
) -> None:
    x = Draw(1).tensor(*shape).requires_grad_()
    call = Call([x], 3, flag={"x": x}).expecting(5).laid_out(layout)
    for moved in (call.args[0][0], call.kwargs["flag"]["x"]):
        assert moved.equal(x)
        assert moved.requires_grad
        assert moved.data_ptr() != x.data_ptr()
        if layout != "behind" and shape:
            assert not moved.is_contiguous()
    assert (call.args[1], call.expected) == (3, 5)


@pytest.mark.parametrize(("layout", "offset"), [("sliced", 1), ("behind", 3)])
def test_layouts_start_behind_the_start_of_their_memory(layout: str, offset: int) -> None:
    moved = Call(torch.ones(2, 3)).laid_out(layout).args[0]
    assert moved.storage_offset() == offset
    assert moved.is_contiguous() is (layout == "behind")


def test_arguments_by_name_can_be_given_by_place() -> None:
    def function(x: int, stride: int = 1, padding: int = 0, *, only: int = 0) -> None: ...

    call = Call(5, padding=2, stride=3, only=4).expecting(1).by_place(function)
    assert (call.args, call.kwargs, call.expected) == ((5, 3, 2), {"only": 4}, 1)
    left = Call(5, padding=2).by_place(function)
    assert (left.args, left.kwargs) == ((5,), {"padding": 2})


@pytest.mark.parametrize(
    ("call", "args", "kwargs"),
    [
        (Call(5, 1, 0), (5,), {}),
        (Call(5, 2, 0, bias=None), (5, 2), {}),
        (Call(5, 1, 3), (5,), {"padding": 3}),
        (Call(5, stride=1, padding=3), (5,), {"padding": 3}),
        (Call(5, 2, True), (5, 2, True), {}),
        (Call(5, stride=2, bias=1), (5,), {"stride": 2, "bias": 1}),
    ],
)
def test_arguments_that_are_their_defaults_can_be_left_out(
    call: Call, args: tuple[int, ...], kwargs: dict[str, int]
) -> None:
    def function(x: int, stride: int = 1, padding: int = 0, bias: object = None) -> None: ...

    found = call.expecting(1).left_out(function)
    assert (found.args, found.kwargs, found.expected) == (args, kwargs, 1)


@pytest.mark.parametrize("function", [range, lambda *xs: xs, lambda: 0, lambda x, *, y=2: x])
def test_a_call_without_defaults_stays_as_it_is(function: Callable[..., object]) -> None:
    call = Call(1, 3)
    assert call.left_out(function) is call
