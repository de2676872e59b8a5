"""Relations of places: only the border, the last row, all but the first sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.evidence.relations.seen import Array, Fact, Seen, right_places

_MIN_RIGHT = 4  # right values in an output that is partly right


def partial(seen: Seen) -> Iterator[Fact]:
    """Facts about the places of wrong values in an output of the right shape."""
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
        return
    got, expected = seen.pair
    right = right_places(got, expected)
    wrong = ~right
    if got.ndim == 0 or not wrong.any() or int(right.sum()) < _MIN_RIGHT:
        return
    if len(np.unique(got[right].round(6))) < _MIN_RIGHT:
        return
    yield from _one_index(right, wrong)
    if got.ndim >= 2:
        yield from _border(right, wrong)
        yield from _corner(wrong)
    yield from _values(got, expected, right, wrong)


def _one_index(right: Array, wrong: Array) -> Iterator[Fact]:
    for axis in range(right.ndim):
        size = right.shape[axis]
        by_index = np.moveaxis(wrong, axis, 0).reshape(size, -1)
        has_wrong: Array = np.any(by_index, axis=1)
        all_wrong: Array = np.mean(by_index, axis=1) > 0.5
        if size < 2:
            continue
        for place, word in ((0, "first"), (size - 1, "last")):
            rest = np.delete(has_wrong, place)
            if all_wrong[place] and not rest.any() and size > 2:
                yield Fact(
                    "one_index_wrong",
                    f"Wrong values stand only at the {word} index of axis {axis}; all others are "
                    "right. Does a loop or a slice start or stop at the wrong place?",
                    2,
                )
            if not has_wrong[place] and np.delete(all_wrong, place).all() and place == 0:
                yield Fact(
                    "one_index_right",
                    f"Right values stand only at the {word} index of axis {axis}. Is the result "
                    "for the other indices computed from their own values, and written to their "
                    "own places?",
                    2,
                )


def _border(right: Array, wrong: Array) -> Iterator[Fact]:
    for ring in (1, 2):
        inner = wrong[..., ring:-ring, ring:-ring]
        if int(inner.size) < _MIN_RIGHT or inner.any():
            continue
        sides = wrong[..., 0, :], wrong[..., -1, :], wrong[..., :, 0], wrong[..., :, -1]
        if sum(float(side.mean()) > 0.5 for side in sides) >= 2:
            yield Fact(
                "border",
                "Wrong values stand only near the border of the last two axes; all values inside "
                "are right. Look at padding, and at windows that reach over the edge.",
                3,
            )
            return


def _corner(wrong: Array) -> Iterator[Fact]:
    """The fact that only the last, or the first, row and column are wrong."""
    if min(wrong.shape[-2:]) < 2:
        return
    for word, place, rest in (("last", -1, slice(None, -1)), ("first", 0, slice(1, None))):
        edge = np.concatenate([wrong[..., place, :], wrong[..., :, place]], axis=-1)
        if not wrong[..., rest, rest].any() and edge.mean() > 0.9:
            yield Fact(
                "edge_wrong",
                f"Wrong values stand only in the {word} row and the {word} column; all others are "
                "right. Does a loop or a slice start or stop at the wrong place?",
                1,
            )


def _values(got: Array, expected: Array, right: Array, wrong: Array) -> Iterator[Fact]:
    if int(wrong.sum()) < 2:
        return
    if not got[wrong].any() and got[right].any() and expected[wrong].all():
        yield Fact(
            "not_written",
            "Every wrong value of your output is 0; all other values are right. These places are "
            "never written, or are overwritten with 0. Which indices do your loops and slices "
            "reach?",
            1,
        )
    small = 1e-4 * np.abs(expected).max()
    if int(right.sum()) < _MIN_RIGHT:
        return
    for word, where in (
        ("negative", expected < -small),
        ("positive", expected > small),
        ("0", np.abs(expected) <= 1e-9),
    ):
        if (where == wrong).all() and int(where.sum()) >= _MIN_RIGHT:
            yield Fact(
                "wrong_where",
                f"Your values are wrong exactly where the expected ones are {word}. Where does a "
                "step depend on the sign?",
                3,
            )
