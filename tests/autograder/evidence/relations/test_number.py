from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.checks import Draw
from tests.autograder.evidence.relations.relation_cases import told


def count(c_in: int, c_out: int, k: int, n: int) -> int:
    return c_in * c_out * k * n + c_out


def make(draw: Draw) -> tuple[int, int, int, int]:
    return draw.integer(50, 90), draw.integer(91, 200), draw.integer(3, 9), draw.integer(10, 40)


GROUPS = {str(number): [{}, {}] for number in range(4)}


@pytest.mark.parametrize(
    ("function", "name", "words"),
    [
        (lambda c, o, k, n: count(c, o, k, n) - o, "offset", "the expected one minus c_out."),
        (lambda c, o, k, n: count(c, o, k, n) + k * n, "offset", "the expected one plus k * n."),
        (lambda c, o, k, n: count(c, o, k, n) * n, "factor", "the expected one times n."),
        (lambda c, o, k, n: count(c, o, k, n) + 1, "offset", "1 more than expected"),
        (lambda c, o, k, n: 2 * count(c, o, k, n), "factor", "2 times the expected ones"),
        (lambda c, o, k, n: count(c, o, k, 1), "fixed_argument", "n = 1 in every case"),
    ],
)
def test_a_formula_of_the_arguments_is_told(
    function: Callable[..., int], name: str, words: str
) -> None:
    names, message = told(function, count, make, GROUPS)
    assert names == [name]
    assert words in message


@pytest.mark.parametrize(
    "function",
    [
        lambda c, o, k, n: 7 * c + 11 * o,
        lambda c, o, k, n: hash((c, o, k, n)) % 10**6,
        lambda c, o, k, n: count(c, o, k, n) + (c * 7919) % 100 + 2,
        lambda c, o, k, n: 5,
    ],
)
def test_other_numbers_have_no_name(function: Callable[..., int]) -> None:
    assert told(function, count, make, GROUPS)[0] == []


def test_exchanged_numbers_of_a_place_are_told() -> None:
    names, message = told(
        lambda a, b: (b // 3, a + 1), lambda a, b: (a + 1, b // 3),
        lambda draw: (draw.integer(1, 99), draw.integer(1, 99)), GROUPS,
    )  # fmt: skip
    assert names == ["exchanged_numbers"]
    assert "The first one is the second" in message or "the first one is the second" in message


def test_a_difference_with_two_formulas_is_not_told() -> None:
    names, _ = told(
        lambda a, b: 7 * a * a + b, lambda a, b: 7 * a * a,
        lambda draw: (lambda b: (b + 1, b))(draw.integer(5, 99)), GROUPS,
    )  # fmt: skip
    assert names == []
