"""The split has the same proportion in every class."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.board.rules.split import public_pictures

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
