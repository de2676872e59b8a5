from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.checks.shrink import MAX_CALLS, Sizes, smallest_failing

RANGES = {"a": (1, 9), "b": (1, 9), "c": (0, 3)}


def anything(**sizes: int) -> bool:
    return True


@pytest.mark.parametrize(
    ("fails", "smallest"),
    [
        (lambda s: True, {"a": 1, "b": 1, "c": 0}),
        (lambda s: s["a"] > 4, {"a": 5, "b": 1, "c": 0}),
        (lambda s: s["a"] != s["b"], {"a": 1, "b": 2, "c": 0}),
        (lambda s: s["a"] * s["b"] > 20, None),
    ],
)
def test_the_case_found_fails_and_is_small(
    fails: Callable[[Sizes], bool], smallest: Sizes | None
) -> None:
    found = smallest_failing(RANGES, anything, fails, seed=1)
    assert found is not None
    assert fails(found)
    assert smallest is None or sorted(found.values()) == sorted(smallest.values())


def test_nothing_is_found_where_nothing_fails_or_nothing_is_valid() -> None:
    assert smallest_failing(RANGES, anything, lambda sizes: False, seed=1) is None
    assert smallest_failing(RANGES, lambda **sizes: False, lambda sizes: True, seed=1) is None


@pytest.mark.parametrize("seed", range(5))
def test_a_case_is_always_valid_within_its_ranges_and_the_same_for_the_same_seed(seed: int) -> None:
    asked: list[Sizes] = []

    def valid(a: int, b: int, c: int) -> bool:
        return a + b > 4

    def fails(sizes: Sizes) -> bool:
        asked.append(dict(sizes))
        return sizes["c"] != 1

    found = smallest_failing(RANGES, valid, fails, seed)
    assert found is not None
    assert smallest_failing(RANGES, valid, fails, seed) == found
    for sizes in asked:
        assert valid(**sizes)
        assert all(low <= sizes[name] <= high for name, (low, high) in RANGES.items())


def test_the_search_asks_each_size_once_and_stops_after_a_number_of_calls() -> None:
    asked: list[tuple[int, ...]] = []

    def fails(sizes: Sizes) -> bool:
        asked.append(tuple(sizes.values()))
        return sum(sizes.values()) > 1500

    smallest_failing(dict.fromkeys("abc", (1, 1000)), anything, fails, seed=3)
    assert len(asked) == len(set(asked)) <= MAX_CALLS


def test_an_answer_that_fails_only_now_and_then_is_survived() -> None:
    calls = iter(range(10**6))
    found = smallest_failing(RANGES, anything, lambda sizes: next(calls) % 3 == 0, seed=1)
    assert found is None or set(found) == set(RANGES)


def test_an_exception_of_ours_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        smallest_failing(RANGES, anything, lambda sizes: bool(1 // 0), seed=1)
