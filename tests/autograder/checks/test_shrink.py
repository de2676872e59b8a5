from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.checks.shrink import MAX_CALLS, Sizes, Weight, smallest_failing

RANGES = {"a": (1, 9), "b": (1, 9), "c": (0, 3)}
LARGE = {"a": 7, "b": 9, "c": 3}
Fails = Callable[[Sizes], bool]


def anything(**sizes: int) -> bool:
    return True


def found(
    fails: Fails,
    start: Sizes = LARGE,
    ranges: dict[str, tuple[int, int]] = RANGES,
    valid: Callable[..., bool] = anything,
) -> Sizes | None:
    def failure(sizes: Sizes) -> Weight | None:
        return (sum(sizes.values()), 0) if fails(sizes) else None

    return smallest_failing([start], ranges, valid, failure)


@pytest.mark.parametrize(
    ("fails", "smallest"),
    [
        (lambda s: True, {"a": 1, "b": 1, "c": 0}),
        (lambda s: s["a"] > 4, {"a": 5, "b": 1, "c": 0}),
        (lambda s: s["a"] != s["b"], {"a": 1, "b": 2, "c": 0}),
        (lambda s: s["a"] * s["b"] > 20, {"a": 3, "b": 7, "c": 0}),
        (lambda s: s["c"] == 2 or (s["c"] == 3 and s["a"] > 3), {"a": 1, "b": 1, "c": 2}),
    ],
)
def test_the_case_found_fails_and_is_small(fails: Fails, smallest: Sizes) -> None:
    assert found(fails) == smallest


def test_two_sizes_of_one_value_are_lowered_together() -> None:
    start = {"a": 6, "b": 6, "c": 3}
    assert found(lambda s: s["a"] == s["b"] > 2, start) == {"a": 3, "b": 3, "c": 0}


def test_a_start_beyond_the_ranges_is_lowered_into_them() -> None:
    start = {"a": 784, "b": 12, "c": 3}
    smallest = found(lambda s: s["a"] > s["b"], start, valid=lambda a, b, c: a >= b)
    assert smallest == {"a": 2, "b": 1, "c": 0}


def test_names_without_a_range_and_words_keep_their_values() -> None:
    start = {"a": 7, "b": 9, "task": "running_var", "key": 70}
    smallest = smallest_failing([start], RANGES, anything, lambda s: (s["a"], 0))
    assert smallest == {"a": 1, "b": 1, "task": "running_var", "key": 70}


def test_the_search_begins_at_the_first_start_that_fails() -> None:
    starts = [{"a": 2, "task": "x"}, {"a": 5, "task": "y"}, {"a": 9, "task": "z"}]
    smallest = smallest_failing(
        starts, RANGES, anything, lambda s: (s["a"], 0) if s["a"] > 3 else None
    )
    assert smallest == {"a": 4, "task": "y"}


def test_the_lightest_of_the_failing_cases_counts() -> None:
    # fewer elements, although the sum of the sizes is larger
    smallest = smallest_failing(
        [{"a": 3, "b": 3}], RANGES, anything, lambda s: (12 // s["a"], s["a"] + s["b"])
    )
    assert smallest == {"a": 3, "b": 3}


def test_nothing_is_found_where_no_start_fails() -> None:
    assert found(lambda sizes: False) is None


def test_a_case_is_always_valid_within_its_ranges_and_found_again() -> None:
    asked: list[Sizes] = []

    def valid(a: int, b: int, c: int) -> bool:
        return a + b > 4

    def fails(sizes: Sizes) -> bool:
        asked.append(dict(sizes))
        return sizes["c"] != 1

    smallest = found(fails, valid=valid)
    assert smallest == {"a": 1, "b": 4, "c": 0}
    assert found(fails, valid=valid) == smallest
    for sizes in asked:
        assert valid(**sizes)
        assert all(low <= sizes[name] <= high for name, (low, high) in RANGES.items())


def test_the_search_asks_each_size_once_and_stops_after_a_number_of_calls() -> None:
    asked: list[tuple[int, ...]] = []

    def fails(sizes: Sizes) -> bool:
        asked.append(tuple(sizes.values()))
        return sum(sizes.values()) > 1500

    found(fails, dict.fromkeys("abc", 900), dict.fromkeys("abc", (1, 1000)))
    assert len(asked) == len(set(asked)) <= MAX_CALLS


def test_an_answer_that_fails_only_now_and_then_is_survived() -> None:
    calls = iter(range(10**6))
    smallest = found(lambda sizes: next(calls) % 3 == 0)
    assert smallest is not None
    assert set(smallest) == set(RANGES)


def test_an_exception_of_ours_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        found(lambda sizes: bool(1 // 0))
