from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.autograder.evidence.relations.relation_cases import CASES, after, scale, told

Change = Callable[[torch.Tensor], Any]

POSITIVE: dict[str, tuple[Change, str]] = {
    "negative": (lambda y: -y, "times -1"),
    "factor": (lambda y: y / 4, "1/4 times"),
    "offset": (lambda y: y + 2, "2 more than expected"),
    "transposed": (lambda y: y.transpose(1, 2), "axes 1 and 2 exchanged"),
    "permuted_axes": (lambda y: y.permute(1, 2, 0), "permute(1, 2, 0)"),
    "reshaped": (lambda y: y.transpose(1, 2).reshape(y.shape), "reshape and view keep the order"),
    "flipped": (lambda y: y.flip(2), "flipped along axis 2"),
    "rolled": (lambda y: y.roll(1, 2), "moved by one along axis 2"),
    "reordered": (lambda y: y[:, torch.arange(y.shape[1]) ^ 1 if y.shape[1] % 2 == 0 else [*range(2, y.shape[1]), 0, 1]], "slices in another order"),
    "shifted": (lambda y: torch.cat([torch.rand(y.shape[0], y.shape[1], 1), y[..., :-1]], -1), "moved along axis 2, to larger"),
    "cut": (lambda y: y[:, :-1], "1 at the end of axis 1"),
    "extra_zeros": (lambda y: torch.nn.functional.pad(y, (1, 1)), "with zeros around it"),
    "axis_of_size_1": (lambda y: y.unsqueeze(0), "an extra axis of size 1"),
    "other_shape": (lambda y: y.reshape(y.shape[0], -1), "in another shape"),
    "summed_too_far": (lambda y: y.sum(1), "sum of the expected one over axis 1"),
    "squared": (lambda y: y**2, "squares"),
    "reciprocal": (lambda y: 1 / y, "1 divided by"),
    "absolute": (lambda y: y.abs(), "absolute values"),
    "clamped": (lambda y: y.clamp(min=0), "a negative value is expected"),
    "truncated": (lambda y: y.trunc(), "without their digits after the point"),
    "rounded": (lambda y: y.round(), "rounded to whole numbers"),
    "half_precision": (lambda y: y.half().float(), "float16"),
    "zeros": (torch.zeros_like, "All values of your output are 0"),
    "constant": (lambda y: torch.ones_like(y) * y.sum(), "the same number"),
    "nan": (lambda y: y * torch.nan, "nan"),
    "not_finite": (lambda y: torch.where(y > 1, torch.inf, y), "infinite"),
    "none": (lambda y: None, "returns None"),
    "packed": (lambda y: (y,), "packed into a tuple"),
    "list": (lambda y: [row.tolist() for row in y], "in a list"),
    "kind": (lambda y: y.numpy(), "a numpy array"),
    "factor_by_index": (lambda y: y * torch.arange(2.0, 2 + y.shape[2]), "each index of axis 2"),
    "offset_by_index": (lambda y: y + torch.arange(y.shape[2]) ** 2, "each index of axis 2"),
    "scaled_and_moved": (lambda y: 3 * y + 7, "times one number, plus another"),
    "edge_wrong": (lambda y: _without_edge(y), "in the last row and the last column"),
    "border": (lambda y: _noisy_border(y), "near the border"),
    "one_index_wrong": (lambda y: _noisy(y, (slice(None), slice(None), 0)), "at the first index of axis 2"),
    "not_written": (lambda y: y * (torch.arange(y.shape[2]) % 2), "never written"),
}  # fmt: skip


def _noisy(y: torch.Tensor, where: Any) -> torch.Tensor:
    found = y.clone()
    found[where] = torch.randn(found[where].shape)
    return found


def _without_edge(y: torch.Tensor) -> torch.Tensor:
    return _noisy(_noisy(y, (slice(None), -1)), (slice(None), slice(None), -1))


def _noisy_border(y: torch.Tensor) -> torch.Tensor:
    found = torch.randn(y.shape)
    found[:, 1:-1, 1:-1] = y[:, 1:-1, 1:-1]
    return found


@pytest.mark.parametrize("name", POSITIVE)
def test_a_relation_of_the_output_is_named_and_told(name: str) -> None:
    change, words = POSITIVE[name]
    names, message = told(after(change))
    assert names == [name]
    assert words in message


ARGUMENTS: dict[str, tuple[Callable[..., Any], str, str]] = {
    "ignored": (
        lambda x, w, bias=None, stride=1: scale(x, w, bias), "fixed_argument", "stride = 1"
    ),
    "flipped": (
        lambda x, w, bias=None, stride=1: scale(x, w.flip(0), bias, stride),
        "flipped_argument", "weight flipped along axis 0",
    ),
    "bias left out": (
        lambda x, w, bias=None, stride=1: scale(x, w, None, stride),
        "fixed_argument", "bias = None",
    ) ,
    "first sample": (
        lambda x, w, bias=None, stride=1: scale(x[:1].expand_as(x), w, bias, stride),
        "first_only", "index 0 of x along axis 0 in place of each index",
    ),
    "cut": (
        lambda x, w, bias=None, stride=1: scale(x, w, bias)[:, : -(-x.shape[1] // stride)],
        "fixed_argument", "stride = 1 in every case, cut to the size of your output",
    ),
    "argument": (lambda x, w, bias=None, stride=1: x, "argument", "the argument x itself"),
    "times": (
        lambda x, w, bias=None, stride=1: scale(x, w, bias, stride) * w[::stride],
        "times_argument", "times weight",
    ),
}  # fmt: skip
MORE = {
    "a stride": [dict(N=2, H=6, W=4, S=2), dict(N=1, H=7, W=3, S=2)],
    "a bias": [dict(N=2, H=4, W=5, with_bias=1), dict(N=3, H=5, W=4, with_bias=1)],
    "both": dict(N=2, H=5, W=6, S=3, with_bias=1),
    "plain": CASES["wide"],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_relation_to_an_argument_is_named_and_told(name: str) -> None:
    function, relation, words = ARGUMENTS[name]
    groups = CASES if name == "times" else MORE
    names, message = told(function, groups=groups)
    assert names[0] == relation
    assert words in message


def test_a_factor_that_differs_from_case_to_case_is_told_as_the_formula_that_fits_all() -> None:
    groups = {f"{n} rows": dict(N=n, H=4, W=5) for n in (1, 2, 3, 5)}
    names, message = told(after(lambda y: y / y.shape[0]), groups=groups)
    assert names == ["factor"]
    assert "times 1 / x.shape[0]." in message


def test_a_factor_with_several_formulas_is_told_without_one() -> None:
    groups = {f"{n} rows": dict(N=n, H=n + 1, W=n + 1) for n in (1, 2, 3, 5)}
    names, message = told(after(lambda y: y / (y.shape[0] ** 1.5)), groups=groups)
    assert names == ["factor"]
    assert "differs from case to case" in message


def test_a_condition_that_separates_right_and_wrong_cases_is_told() -> None:
    def wrong(x: Any, w: Any, bias: Any = None, stride: int = 1) -> Any:
        right = scale(x, w, bias, stride)
        return right + torch.sin(7 * right) if stride > 1 else right

    groups = {
        "plain": [dict(N=2, H=4, W=5), dict(N=1, H=4, W=5), dict(N=1, H=3, W=6)],
        "a stride": [dict(N=2, H=4, W=5, S=2), dict(N=1, H=5, W=6, S=2), dict(N=1, H=6, W=3, S=3)],
    }
    names, message = told(wrong, groups=groups)
    assert names == ["condition"]
    assert "wrong exactly in the cases where stride is larger than 1" in message


def test_exchanged_outputs_are_named() -> None:
    def both(x: torch.Tensor, w: torch.Tensor) -> Any:
        low, high = x - w, x * w
        return low, high

    names, message = told(
        lambda x, w: both(x, w)[::-1], both, lambda draw, n: (draw.tensor(n, 3), draw.tensor(n, 3)),
        {"a": dict(n=2), "b": dict(n=4)},
    )  # fmt: skip
    assert names == ["other_output", "other_output"] or names == ["other_output"]
    assert "This is the expected high" in message


def test_a_relation_that_holds_in_one_group_only_names_the_group() -> None:
    def wrong(x: Any, w: Any, bias: Any = None, stride: int = 1) -> Any:
        right = scale(x, w, bias, stride)
        return right.flip(2) if right.shape[1] < right.shape[2] else right + right**3

    names, message = told(wrong)
    assert names[0] == "flipped"
    assert "Your output is the expected one flipped along axis 2" in message
    assert "in the cases \u201cone row\u201d and \u201cwide\u201d" in message


def test_a_group_with_another_mistake_in_one_case_is_not_among_the_groups() -> None:
    def wrong(x: Any, w: Any, bias: Any = None, stride: int = 1) -> Any:
        right = scale(x, w, bias, stride)
        return right + right**3 if right.shape == (2, 3, 7) else right.flip(2)

    names, message = told(wrong)
    assert names == ["flipped"]
    assert "in the cases \u201cone row\u201d, \u201ca square\u201d and \u201ctall\u201d" in message


NEAR: dict[str, Change] = {
    "one value is no multiple": lambda y: _noisy(y / 4, (0, 0, 0)),
    "another sign in one place": lambda y: torch.cat([-y[..., :-1], y[..., -1:] + 1], -1),
    "flipped with noise": lambda y: y.flip(2) + 0.1 * torch.randn(y.shape),
    "transposed, and one row is wrong": lambda y: torch.cat(
        [y.transpose(1, 2)[:, :-1], torch.randn(y.shape[0], 1, y.shape[1])], 1
    ),
    "a part, a little off": lambda y: y[:, :-1] * (1 + 0.05 * torch.rand(y[:, :-1].shape)),
    "almost rounded": lambda y: y.round() + 0.2,
    "almost squares": lambda y: y**2 + torch.sin(9 * y),
    "wrong everywhere, a little": lambda y: y + 0.01 * torch.randn(y.shape),
    "half of the values, anywhere": lambda y: torch.where(torch.rand(y.shape) > 0.5, y, y + 1),
}


@pytest.mark.parametrize("name", NEAR)
def test_a_near_miss_has_no_name(name: str) -> None:
    torch.manual_seed(1)
    assert told(after(NEAR[name]))[0] == []


def test_each_sentence_has_at_most_60_words() -> None:
    for change, _ in POSITIVE.values():
        message = told(after(change))[1].split("What this looks like: ")[1].split("\n")[0]
        assert len(message.split()) <= 60


@pytest.mark.parametrize("seed", range(3))
def test_random_wrong_functions_get_no_relation(seed: int) -> None:
    chance = random.Random(seed)
    named = []
    for _ in range(20):
        function, text = _random_function(chance)
        names, message = told(function, seed=chance.randint(0, 10**6))
        if names:
            named.append((text, names, message))
    assert not named


def _random_function(chance: random.Random) -> tuple[Callable[..., Any], str]:
    kind = chance.choice(["mix", "noise", "formula", "sum", "part", "sort"])
    key = chance.randint(0, 10**6)

    def function(x: torch.Tensor, w: torch.Tensor, bias: Any = None, stride: int = 1) -> Any:
        right = scale(x, w, bias, stride)
        generator = torch.Generator().manual_seed(key + int(1000 * float(x.sum())))
        noise = torch.randn(right.shape, generator=generator)
        if kind == "mix":
            size = right.shape[-1]
            return right @ torch.randn(
                size, size, generator=torch.Generator().manual_seed(key + size)
            )
        if kind == "noise":
            return noise
        if kind == "formula":
            return torch.sin(right * (1 + key % 7)) + x * (key % 5)
        if kind == "sum":
            return right.cumsum(key % 3) + 0.3 * noise
        if kind == "part":
            return torch.where(noise > 0, right, right + noise)
        return right.sort(key % 3).values * (1 + w) + 1

    return function, f"{kind} {key}"


def test_values_of_any_size_and_kind_raise_nothing() -> None:
    for value in (
        10**400, -(10**400), float("inf"), "text", b"bytes", object(), {}, [], (), [None],
        torch.tensor([]), torch.full((3, 4, 5), 1e300, dtype=torch.float64),
        torch.ones(2, 2, dtype=torch.complex64), torch.zeros(2, 0, 3), torch.ones(300_000),
    ):  # fmt: skip
        told(lambda *args, value=value, **kwargs: value)


def test_a_smooth_function_of_the_expected_values_has_no_name() -> None:
    assert told(after(lambda y: y + torch.sin(3 * y)))[0] == []
