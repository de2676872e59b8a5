"""The Ladder against the paper's formula, its promises, and an attacker."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classroom.board.rules.ladder import judge, ladder, loss_of, rounded
from tests.classroom.attackers import climb

hit_lists = st.integers(2, 40).flatmap(
    lambda n: st.lists(arrays(np.bool_, n), min_size=1, max_size=12)
)


def paper(hits: list[np.ndarray[Any, Any]]) -> list[Fraction]:
    """Figure 2 of the paper, word for word, in exact fractions (std ** 2 instead of std)."""
    n = len(hits[0])
    released: list[Fraction] = []
    best: Fraction | None = None
    losses = [0] * n
    for vector in hits:
        now = [0 if hit else 1 for hit in vector.tolist()]
        risk = Fraction(sum(now), n)
        differences = [a - b for a, b in zip(now, losses, strict=True)]
        mean = Fraction(sum(differences), n)
        variance = sum((d - mean) ** 2 for d in differences) / (n - 1)
        # R < R_best - s / sqrt(n)
        if best is None or (risk < best and (best - risk) ** 2 > variance / n):
            best, losses = risk, now
        released.append(best)
    return released


@settings(deadline=None)  # a busy machine is no fault
@given(hit_lists)
def test_what_is_shown_is_what_the_paper_says(hits: list[np.ndarray[Any, Any]]) -> None:
    shown, best, best_hits = [], None, None
    for vector in hits:
        verdict = ladder(vector, best_hits, best)
        best = verdict.standing
        if verdict.improved:
            best_hits = vector
        shown.append(Fraction(best, len(vector)))
    assert shown == paper(hits)


@settings(deadline=None)  # a busy machine is no fault
@given(hit_lists)
def test_the_shown_score_only_gets_better_and_is_always_one_that_was_reached(
    hits: list[np.ndarray[Any, Any]],
) -> None:
    best, best_hits, reached = None, None, []
    for vector in hits:
        reached.append(int((~vector).sum()))
        verdict = ladder(vector, best_hits, best)
        assert best is None or verdict.standing <= best
        assert verdict.standing in reached
        assert verdict.improved == (best is None or verdict.standing < best)
        if verdict.improved:
            best, best_hits = verdict.standing, vector
    assert best is not None


@settings(deadline=None)  # a busy machine is no fault
@given(arrays(np.bool_, 30))
def test_the_same_again_and_anything_worse_shows_nothing_new(hits: np.ndarray[Any, Any]) -> None:
    misses = int((~hits).sum())
    assert not ladder(hits, hits, misses).improved
    worse = hits.copy()
    worse[np.flatnonzero(hits)[:1]] = False
    assert not ladder(worse, hits, misses).improved


@pytest.mark.parametrize(
    ("gained", "lost", "improved"),
    [(1, 0, False), (2, 0, True), (3, 1, False), (4, 1, True), (10, 5, True), (10, 6, False)],
)
def test_a_gain_counts_when_its_square_exceeds_what_changed(
    gained: int, lost: int, improved: bool
) -> None:
    before = np.arange(100) < 50
    after = before.copy()
    after[:lost] = False
    after[50 : 50 + gained] = True
    assert ladder(after, before, 50).improved is improved


@settings(deadline=None)  # a busy machine is no fault
@given(arrays(np.bool_, st.integers(1, 500)))
def test_a_rounded_score_is_within_half_a_step_of_the_true_one(hits: np.ndarray[Any, Any]) -> None:
    verdict = rounded(hits, None)
    loss = loss_of("rounded", verdict.standing, hits.size)
    assert abs(loss - (~hits).mean()) <= 0.5 / (2 * math.sqrt(hits.size)) + 1e-9 or loss == 1
    assert verdict.improved


def test_rounding_ignores_a_difference_smaller_than_its_step() -> None:
    hits = np.arange(10_000) < 5000
    better = np.arange(10_000) < 5020
    first = judge("rounded", hits, None, None)
    assert judge("rounded", better, hits, first.standing) == type(first)(first.standing, False)


@pytest.mark.parametrize("flips", [1, 2, 10])
def test_an_attacker_gains_on_the_plain_score_and_not_on_ours(flips: int) -> None:
    error = math.sqrt(0.4 * 0.6 / 1000)  # of an honest score on as many pictures
    runs = [
        (
            climb("plain", flips=flips, submissions=1000, seed=seed),
            climb("ladder", flips=flips, submissions=1000, seed=seed),
        )
        for seed in range(4)
    ]
    plain = np.mean([one.public for one, _ in runs])
    ours = np.mean([other.public for _, other in runs])
    assert plain > 1.5 * error, "the attack does not work: the test shows nothing"
    assert ours < error
    assert ours < plain / 3
    assert np.mean([one.private for one, _ in runs]) <= 0, "nothing was learned"
