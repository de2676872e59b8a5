"""Metrics count hits, and intervals are Wilson's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.board.rules.metrics import better, hits_of, pack, unpack, wilson


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_hits_survive_being_packed(bits: list[bool]) -> None:
    array = np.array(bits)
    assert (unpack(pack(array), len(bits)) == array).all()


def test_metrics_count_what_they_say() -> None:
    guesses = np.array([[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [0, 1, 2, 3, 4]], np.int16)
    labels = np.array([1, 1, 9], np.int16)
    assert hits_of("top5_error", guesses, labels).tolist() == [True, True, False]
    assert hits_of("top1_accuracy", guesses, labels).tolist() == [True, False, False]
    assert better("top5_error", 0.1, 0.2) and not better("top1_accuracy", 0.1, 0.2)


@pytest.mark.parametrize(
    ("hits", "pictures", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)  # fmt: skip
def test_intervals_are_wilsons(hits: int, pictures: int, low: float, high: float) -> None:
    assert wilson(hits / pictures, pictures) == pytest.approx((low, high), abs=1e-4)
