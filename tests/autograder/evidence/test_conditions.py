from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.evidence.conditions import Sizes, conditions, necessary_conditions

PLAIN = dict(N=1, C_in=1, C_out=1, H=5, W=5, K_H=3, K_W=3, S=1, P=0, with_bias=0)
CASES: list[Sizes] = [
    PLAIN,
    PLAIN | dict(N=3),
    PLAIN | dict(N=2, with_bias=1),
    PLAIN | dict(C_in=2, C_out=3, with_bias=1),
    PLAIN | dict(C_in=3),
    PLAIN | dict(C_out=3),
    PLAIN | dict(C_in=2, C_out=2),
    PLAIN | dict(H=4, W=7),
    PLAIN | dict(H=7, W=4),
    PLAIN | dict(H=6, W=4),
    PLAIN | dict(K_H=2),
    PLAIN | dict(K_H=4, K_W=1),
    PLAIN | dict(K_H=1, K_W=4, H=6, W=6),
    PLAIN | dict(P=1),
    PLAIN | dict(P=2),
    PLAIN | dict(N=2, C_in=2, H=3, W=4, K_H=1, K_W=1, P=2),
    PLAIN | dict(S=2),
    PLAIN | dict(H=7, W=9, K_H=1, K_W=3, S=3),
    PLAIN | dict(C_out=2, H=6, W=7, S=2, P=1),
]


def told(is_wrong: Callable[..., bool]) -> list[str]:
    wrong = [one for one in CASES if is_wrong(**one)]
    right = [one for one in CASES if not is_wrong(**one)]
    return [one.words for one in conditions(right, wrong)]


@pytest.mark.parametrize(
    ("is_wrong", "words"),
    [
        (lambda S, **_: S > 1, "S > 1"),
        (lambda P, **_: P == 0, "P = 0"),
        (lambda P, **_: P > 0, "P > 0"),
        (lambda P, **_: P > 1, "P > 1"),
        (lambda N, **_: N > 1, "N > 1"),
        (lambda H, W, **_: H != W, "H and W differ"),
        (lambda K_H, K_W, **_: K_H != K_W, "K_H and K_W differ"),
        (lambda C_in, C_out, **_: C_in != C_out, "C_in and C_out differ"),
        (lambda with_bias, **_: not with_bias, "there is no bias"),
        (lambda with_bias, **_: with_bias, "there is a bias"),
        (lambda H, W, **_: H < W, "W is larger than H"),
    ],
)
def test_a_condition_is_found_if_it_separates_the_cases_exactly(
    is_wrong: Callable[..., bool], words: str
) -> None:
    assert told(is_wrong) == [words]


def test_a_relation_of_any_two_sizes_needs_more_cases() -> None:
    cases: list[Sizes] = [dict(K=k, S=s) for k in (2, 3, 4) for s in (1, 2, 3, 4)]
    overlap = [one for one in cases if int(str(one["K"])) > int(str(one["S"]))]
    apart = [one for one in cases if one not in overlap]
    assert [one.words for one in conditions(apart, overlap)] == ["K is larger than S"]
    assert conditions(apart[:4], overlap[:4]) == []


@pytest.mark.parametrize("name", ["total", "form", "mode", "_", "seed"])
def test_names_that_only_the_check_knows_are_not_told(name: str) -> None:
    right: list[Sizes] = [{name: 0, "N": 1}, {name: 0, "N": 2}]
    assert conditions(right, [{name: 1, "N": 2}, {name: 1, "N": 1}]) == []


def test_one_case_on_a_side_is_not_enough() -> None:
    assert told(lambda S, H, **_: S == 3) == []
    assert conditions([], CASES) == conditions(CASES, []) == conditions([], []) == []


def test_the_same_sizes_on_both_sides_mean_that_values_decide() -> None:
    right = [dict(S=1, N=1), dict(S=1, N=2), dict(S=2, N=3)]
    wrong = [dict(S=2, N=1), dict(S=2, N=3)]
    assert conditions(right, wrong) == []
    assert [one.words for one in conditions(right[:2], wrong)] == ["S > 1"]


def test_equal_sizes_count_once() -> None:
    assert conditions([dict(S=1)] * 5, [dict(S=2), dict(S=3)]) == []


def test_several_conditions_are_all_told() -> None:
    right = [dict(S=1, N=1), dict(S=1, N=1, H=2)]
    wrong = [dict(S=2, N=2), dict(S=2, N=3)]
    assert [one.words for one in conditions(right, wrong)] == ["S > 1", "N > 1"]


def test_sizes_may_be_words_or_missing() -> None:
    right: list[Sizes] = [dict(kind="max", S=1), dict(kind="max", S=1, N=2)]
    wrong: list[Sizes] = [dict(kind="avg", S="wide"), dict(kind="avg", S=2, N=2)]
    assert conditions(right, wrong) == []


def test_a_condition_can_be_asked_about_other_sizes() -> None:
    right, wrong = [dict(S=1, N=1), dict(S=1, N=2)], [dict(S=2, N=1), dict(S=3, N=2)]
    (found,) = conditions(right, wrong)
    assert found.holds(dict(S=4, N=1)) and not found.holds(dict(S=1, N=7))


def test_a_necessary_condition_may_hold_for_a_few_right_cases() -> None:
    wrong = [one for one in CASES if one["S"] == 1 and one["P"] == 0 and one["N"] == 1]
    right = [one for one in CASES if one not in wrong]
    assert conditions(right, wrong) == necessary_conditions(right, wrong) == []
    wrong = [one for one in CASES if one["H"] != one["W"] and one != CASES[-1]]
    right = [one for one in CASES if one not in wrong]
    assert conditions(right, wrong) == []
    assert [one.words for one in necessary_conditions(right, wrong)] == ["H and W differ"]
    assert necessary_conditions(right, wrong[:3]) == []


def test_an_exact_condition_is_no_necessary_one() -> None:
    wrong = [one for one in CASES if one["H"] != one["W"]]
    right = [one for one in CASES if one not in wrong]
    assert len(conditions(right, wrong)) == 1
    assert necessary_conditions(right, wrong) == []
