from __future__ import annotations

import random

import pytest
from nbgrader.plugins import LateSubmissionPlugin
from traitlets.config import Config

from autograder.errors import UsageError
from autograder.lateness.plugin import PluginPolicy
from autograder.lateness.policy import Charge
from tests.autograder.lateness.kit import DAY, DUE, HOUR, MICROSECOND, hand_in

ASKED: list[tuple[str, float, float]] = []


class Noting(LateSubmissionPlugin):
    """Takes a random number of points off, and notes the questions."""

    penalty: object = None

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> object:
        ASKED.append((student_id, score, total_seconds_late))
        if isinstance(self.penalty, Exception):
            raise self.penalty
        return self.penalty


class Broken(LateSubmissionPlugin):
    def __init__(self, **kwargs: object) -> None:
        raise RuntimeError("no licence")


def policy(monkeypatch: pytest.MonkeyPatch, penalty: object, kind: object = Noting) -> PluginPolicy:
    ASKED.clear()
    monkeypatch.setattr(Noting, "penalty", penalty)
    return PluginPolicy(Config({"AssignLatePenalties": {"plugin_class": kind}}))


def test_the_points_taken_off_are_those_of_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = random.Random(5)
    for _ in range(2000):
        points = numbers.choice([numbers.uniform(0.01, 200), numbers.randrange(1, 800) / 4])
        penalty = numbers.choice([points / 3, points * 0.25, points, numbers.randrange(1, 60) / 10])
        own = policy(monkeypatch, penalty)
        (charge,) = own.charges([hand_in(HOUR, points=points)]).values()
        assert abs(charge.fraction * points - min(penalty, points)) < 1e-12 * max(1.0, points)
        if penalty >= points:
            assert charge.fraction == 1.0


@pytest.mark.parametrize(
    ("penalty", "fraction"), [(None, 0.0), (0, 0.0), (-3, 0.0), (2, 0.25), (8, 1.0), (9.5, 1.0)]
)
def test_a_penalty_is_at_least_nothing_and_at_most_the_earned_points(
    monkeypatch: pytest.MonkeyPatch, penalty: object, fraction: float
) -> None:
    own = policy(monkeypatch, penalty)
    assert own.charges([hand_in(HOUR)]) == {("conv", "01_convolution"): Charge(1, 0, fraction)}


def test_the_plugin_is_asked_for_late_notebooks_with_their_own_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = policy(monkeypatch, 2)
    found = own.charges(
        [
            hand_in(-HOUR, notebook="on time"),
            hand_in(0 * HOUR, notebook="exactly due"),
            hand_in(MICROSECOND, notebook="a little late"),
            hand_in(2 * DAY, notebook="late", points=6.0),
            hand_in(None, notebook="nobody knows"),
            hand_in(HOUR, notebook="doubtful", margin=2 * HOUR),
            hand_in(HOUR, notebook="no due date", due=None),
            hand_in(HOUR, notebook="nothing earned", points=0.0, due=DUE),
        ]
    )
    assert {notebook: charge for (_, notebook), charge in found.items()} == {
        "a little late": Charge(1, 0, 0.25),
        "late": Charge(2, 0, 2 / 6),
        "nothing earned": Charge(1, 0, 0.0),
    }
    assert ASKED == [("ada", 8.0, 1e-6), ("ada", 6.0, 172800.0)]


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        (float("nan"), "returned the penalty nan for ada, conv/01_convolution"),
        (float("inf"), "returned the penalty inf"),
        ("a lot", "failed for ada, conv/01_convolution: ValueError: could not convert"),
        ([1], "failed for ada, conv/01_convolution: TypeError"),
        (KeyError("late"), "failed for ada, conv/01_convolution: KeyError: 'late'"),
    ],
)
def test_a_plugin_that_fails_is_named(
    monkeypatch: pytest.MonkeyPatch, penalty: object, words: str
) -> None:
    own = policy(monkeypatch, penalty)
    with pytest.raises(UsageError, match=words) as caught:
        own.charges([hand_in(HOUR)])
    assert Noting.__qualname__ in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Broken, r"Broken cannot be used: RuntimeError: no licence"),
        ("not.there.Plugin", r"not\.there\.Plugin cannot be used: TraitError"),
        (int, r"builtins\.int cannot be used: TraitError"),
    ],
)
def test_a_plugin_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, kind: object, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        policy(monkeypatch, None, kind)
