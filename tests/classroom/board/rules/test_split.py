"""The split into public and private pictures, handles, and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.board.rules.metrics import better, hits_of, pack, unpack, wilson
from classroom.board.rules.split import public_pictures
from classroom.people.handles import ADJECTIVES, ANIMALS, handle_for

label_lists = st.lists(st.integers(0, 6), min_size=2, max_size=120)


@settings(deadline=None)  # a busy machine is no fault
@given(label_lists, st.floats(0.01, 0.99), st.text(max_size=5))
def test_every_class_is_split_in_the_same_proportion(
    labels: list[int], fraction: float, secret: str
) -> None:
    array = np.array(labels, np.int16)
    public = public_pictures(array, fraction, secret)
    total = min(max(round(fraction * len(labels)), 1), len(labels) - 1)
    assert public.sum() == total
    for label in set(labels):
        wanted = labels.count(label) * total / len(labels)
        assert abs(public[array == label].sum() - wanted) < 1 + 1e-9


def test_the_secret_decides_the_split() -> None:
    labels = np.arange(1000, dtype=np.int16) % 10
    first = public_pictures(labels, 0.3, "a")
    assert (first == public_pictures(labels, 0.3, "a")).all()
    other = public_pictures(labels, 0.3, "b")
    assert 30 < (first & other).sum() < 150, "300 * 300 / 1000 by chance"


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


def test_a_handle_is_the_same_every_time_and_different_for_each_team() -> None:
    taken: list[str] = []
    for number in range(3000):
        handle = handle_for(f"student s{number}", "secret", taken)
        assert handle not in taken
        taken.append(handle)
    again: list[str] = []
    for number in range(100):
        again.append(handle_for(f"student s{number}", "secret", again))
    assert taken[:100] == again
    assert handle_for("student s0", "other secret", []) != taken[0]


def test_handles_never_run_out() -> None:
    class All:
        def __contains__(self, handle: object) -> bool:
            return str(handle).count("-") < 2

    assert handle_for("student s1", "secret", All()).count("-") == 2


def test_no_word_for_handles_is_there_twice() -> None:
    assert len(set(ADJECTIVES)) == len(ADJECTIVES)
    assert len(set(ANIMALS)) == len(ANIMALS)
    assert all(word.isascii() and word.islower() for word in [*ADJECTIVES, *ANIMALS])
