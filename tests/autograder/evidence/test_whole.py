from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.checks import CheckContext, CheckResult, Draw, Misconception, check, checking
from autograder.evidence.cells import Material
from autograder.evidence.whole import matching
from autograder.trials.call import Observation, Trial
from autograder.trials.cases import Call, Style
from autograder.trials.compare import Difference


def add(x: torch.Tensor, k: int) -> torch.Tensor:
    return x + k


def make(draw: Draw, rows: int, columns: int) -> tuple[torch.Tensor, int]:
    return draw.tensor(rows, columns), draw.integer(1, 3)


def raises(kind: type[Exception]) -> Callable[..., Any]:
    def function(x: torch.Tensor, k: int) -> torch.Tensor:
        raise kind("no")

    return function


def in_place(x: torch.Tensor, k: int) -> torch.Tensor:
    return x.sub_(k)


BANK = {
    "subtracts": lambda x, k: x - k,
    "ignores_k": lambda x, k: x.clone(),
    "square_only": lambda x, k: x + k if x.shape[0] == x.shape[1] else x - k,
    "in_place": in_place,
    "double": lambda x, k: (x + k).double(),
    "transposed": lambda x, k: (x + k).t(),
    "index_error": raises(IndexError),
}


def diagnosed(function: Callable[..., Any], *names: str) -> CheckResult:
    bank = tuple(Misconception(name, f"You {name}.", BANK[name]) for name in names or tuple(BANK))
    with checking(CheckContext(3, bank)):
        return check(
            function, add, make, points=1,
            groups={"square": dict(rows=3, columns=3), "wide": dict(rows=2, columns=4)},
            sizes=dict(rows=(1, 4), columns=(1, 4)),
        )  # fmt: skip


@pytest.mark.parametrize("name", BANK)
def test_each_misconception_is_named_as_itself(name: str) -> None:
    result = diagnosed(BANK[name])
    assert result.diagnosis == name
    assert f"You {name}." in result.message
    assert f"You {name}." in result.html


def changes(place: int) -> Callable[..., Any]:
    def function(*given: torch.Tensor) -> torch.Tensor:
        total = given[0] + given[1]
        given[place].zero_()
        return total

    return function


@pytest.mark.parametrize("place", [0, 1])
def test_which_argument_was_changed_tells_mistakes_apart(place: int) -> None:
    bank = [Misconception(str(n), f"Number {n} has changed.", changes(n)) for n in (0, 1)]
    with checking(CheckContext(3, tuple(bank))):
        result = check(
            changes(place), lambda x, y: x + y, lambda draw, n: (draw.tensor(n), draw.tensor(n)),
            points=1, groups={"three": dict(n=3)}, name="add",
        )  # fmt: skip
    assert 0 < result.points < 1
    assert result.diagnosis == str(place)
    assert result.also == ()


def test_a_mistake_of_another_kind_is_not_named() -> None:
    for function in (
        lambda x, k: x * k,
        lambda x, k: None,
        raises(KeyError),
        lambda x, k: x + k + 1,
    ):
        assert diagnosed(function).diagnosis not in BANK


def test_a_mistake_that_is_right_elsewhere_than_the_misconception_is_not_it() -> None:
    mine = diagnosed(lambda x, k: x - k if x.shape == (2, 4) else x + k, "subtracts", "square_only")
    assert mine.diagnosis not in BANK


def test_misconceptions_that_behave_alike_are_all_listed_the_first_is_named() -> None:
    bank = (
        Misconception("one", "One.", BANK["subtracts"]),
        Misconception("other", "Other.", lambda x, k: -(k - x)),
    )
    with checking(CheckContext(3, bank)):
        result = check(
            BANK["subtracts"], add, make, points=1, groups={"g": dict(rows=2, columns=3)}
        )
    assert (result.diagnosis, result.also) == ("one", ("other",))


def test_a_right_answer_is_not_diagnosed() -> None:
    assert diagnosed(add).diagnosis is None


def test_points_and_words_but_for_the_sentence_are_the_same_without_a_bank() -> None:
    told = diagnosed(BANK["subtracts"])
    with checking(CheckContext(3)):
        plain = check(
            BANK["subtracts"], add, make, points=1,
            groups={"square": dict(rows=3, columns=3), "wide": dict(rows=2, columns=4)},
            sizes=dict(rows=(1, 4), columns=(1, 4)),
        )  # fmt: skip
    assert plain.points == told.points
    named, unnamed = (
        [line for line in message.splitlines() if not line.startswith("What this looks like")]
        for message in (told.message, plain.message)
    )
    assert named == unnamed
    assert "What this looks like: You subtracts." in told.message.splitlines()


def test_a_misconception_that_differs_is_run_once_in_the_quickest_failing_case() -> None:
    asked: list[int] = []

    def subtracts(n: int) -> int:
        asked.append(n)
        return -n

    def trial(n: int, seconds: float, passed: bool = False) -> Trial:
        found = None if passed else Difference("it differs")
        return Trial({}, Style(), Call.of((n,)), n, Observation(n + 1), found, seconds)

    trials = [trial(1, 0.1, passed=True), trial(2, 5.0), trial(3, 0.2), trial(4, 1.0)]
    material = Material("negated", None, None, [("numbers", trial) for trial in trials])
    assert matching(material, [Misconception("subtracts", "You subtract.", subtracts)]) == []
    assert asked == [3]
