"""Relations of places: transposed, flipped, shifted, cut, and other shapes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from autograder.evidence.relations.seen import Array, Fact, Seen, close

_MAX_OFFSETS = 200


def places(seen: Seen) -> Iterator[Fact]:
    """Facts about outputs of the right shape with the right values at other places."""
    if seen.pair is None or seen.pair[0].shape != seen.pair[1].shape:
        return
    got, expected = seen.pair
    if got.ndim == 0:
        return
    yield from _flipped(seen, expected)
    yield from _shifted(got, expected)
    yield from _reordered(seen, got, expected)


def cuts(seen: Seen) -> Iterator[Fact]:
    """Facts about outputs that are a part of the expected output, or hold it as a part."""
    if seen.pair is None:
        return
    got, expected = seen.pair
    if got.ndim == expected.ndim and got.shape != expected.shape:
        yield from _cut(got, expected)


def shapes(seen: Seen) -> Iterator[Fact]:
    """Facts about outputs of another shape."""
    if seen.pair is None:
        return
    got, expected = seen.pair
    if got.size == expected.size and got.shape != expected.shape:
        yield from _same_size(got, expected)
    if got.ndim != expected.ndim or got.size != expected.size:
        yield from _summed(got, expected)


def permuted(seen: Seen) -> Iterator[Fact]:
    """Facts about outputs whose axes are in another order, of any shape."""
    if seen.pair is None:
        return
    got, expected = seen.pair
    if got.size != expected.size or not 2 <= expected.ndim <= 4:
        return
    for order in itertools.permutations(range(expected.ndim)):
        if list(order) == sorted(order):
            continue
        other = expected.transpose(order)
        if seen.is_got(other):
            yield _permuted(order)
        if got.shape == expected.shape or other.shape != got.shape:
            if _is_got_in_order(seen, other):
                yield Fact(
                    "reshaped",
                    "All expected values are in your output, at other places: they are in the "
                    "order of a tensor with permuted axes. reshape and view keep the order of "
                    "values, they do not move axes. Do you need transpose or permute?",
                    3,
                )


def _is_got_in_order(seen: Seen, other: Array) -> bool:
    if seen.pair is None:
        return False
    got, expected = seen.pair
    if not close(got.ravel(), other.ravel()):
        return False
    return not close(got.ravel(), expected.ravel())


def _permuted(order: tuple[int, ...]) -> Fact:
    ndim = len(order)
    moved = [axis for axis in range(ndim) if order[axis] != axis]
    if ndim == 2:
        text = (
            "Your output is the expected one transposed: rows and columns are exchanged. "
            "Where do the two axes change their order?"
        )
        return Fact("transposed", text, 1)
    if len(moved) == 2:
        text = (
            f"Your output is the expected one with axes {moved[0]} and {moved[1]} exchanged. "
            "Where do these two axes change their order?"
        )
        return Fact("transposed", text, 1)
    return Fact(
        "permuted_axes",
        f"Your output is the expected one with its axes in another order: expected.permute{order} "
        "gives your values. In which order do the axes belong?",
        2,
    )


def _flipped(seen: Seen, expected: Array) -> Iterator[Fact]:
    if expected.shape == (2,) and seen.is_got(expected[::-1]):
        yield Fact(
            "exchanged_numbers",
            "Your two numbers are right, but exchanged: the first one is the second. In which "
            "order does the text ask for them?",
            0,
        )
    for count in (1, 2):
        for some in itertools.combinations(range(expected.ndim), count):
            if seen.is_got(np.flip(expected, some)):
                where = " and ".join(f"axis {axis}" for axis in some)
                yield Fact(
                    "flipped",
                    f"Your output is the expected one flipped along {where}: the first value comes "
                    "last. Is an order of indices reversed, or a flip missing or done twice?",
                    1 + count,
                )


def _shifted(got: Array, expected: Array) -> Iterator[Fact]:
    axes = [axis for axis in range(expected.ndim) if expected.shape[axis] > 2]
    for axis in axes:
        for step in (1, -1):
            if close(got, np.roll(expected, step, axis)):
                yield Fact(
                    "rolled",
                    "Your output is the expected one moved by one along "
                    f"axis {axis}, with the last value moved to the first place or the other way "
                    "round. Where does an index start?",
                    4,
                )
    for steps in itertools.product((0, 1, -1, 2, -2), repeat=min(len(axes), 2)):
        if not any(steps) or any(
            abs(n) >= got.shape[k] for n, k in zip(steps, axes[-2:], strict=True)
        ):
            continue
        mine, other = [slice(None)] * got.ndim, [slice(None)] * got.ndim
        for axis, step in zip(axes[-2:], steps, strict=True):
            mine[axis] = slice(max(step, 0), got.shape[axis] + min(step, 0))
            other[axis] = slice(max(-step, 0), got.shape[axis] + min(-step, 0))
        one, two = got[tuple(mine)], expected[tuple(other)]
        if close(one, two):
            moved = " and ".join(
                f"along axis {axis}, to {'larger' if step > 0 else 'smaller'} indices"
                for axis, step in zip(axes[-2:], steps, strict=True)
                if step
            )
            yield Fact(
                "shifted",
                f"Your output has the expected values at other places: they are moved {moved}. "
                "Where does an index start, or on which side is something added?",
                5,
            )


def _reordered(seen: Seen, got: Array, expected: Array) -> Iterator[Fact]:
    if not close(np.sort(got, None), np.sort(expected, None)):
        return
    for axis in range(got.ndim):
        if got.ndim > 1 and got.shape[axis] > 1 and _same_slices(got, expected, axis):
            yield Fact(
                "reordered",
                f"Along axis {axis}, your output has the expected slices in another order. "
                "In which order do they belong?",
                6,
            )
    yield Fact(
        "reordered",
        "Your output has all expected values, but not at their places. Where do you move, sort or "
        "reshape them?",
        8,
        is_general=True,
    )


def _same_slices(got: Array, expected: Array, axis: int) -> bool:
    mine = np.moveaxis(got, axis, 0).reshape(got.shape[axis], -1)
    other = list(np.moveaxis(expected, axis, 0).reshape(got.shape[axis], -1))
    for row in mine:
        place = next((k for k, one in enumerate(other) if close(row, one)), None)
        if place is None:
            return False
        del other[place]
    return True


def _same_size(got: Array, expected: Array) -> Iterator[Fact]:
    if not close(got.ravel(), expected.ravel()):
        return
    mine = [n for n in got.shape if n != 1]
    other = [n for n in expected.shape if n != 1]
    if mine == other:
        more = got.ndim > expected.ndim
        word = (
            "an extra axis" if more else "too few axes" if got.ndim < expected.ndim else "the axis"
        )
        text = (
            f"Your values are right, but the output has {word} of size 1. Look at squeeze, "
            "unsqueeze, keepdim, and slices such as 0:1."
            if more
            else "Your values are right, but an axis of size 1 is missing in the output. Look at "
            "squeeze, unsqueeze, keepdim, and indices such as [0]."
        )
        if word == "the axis":
            text = (
                "Your values are right, but the axis of size 1 is at another place in the shape. "
                "Look at unsqueeze, reshape and indices with None."
            )
        yield Fact("axis_of_size_1", text, 0)
        return
    yield Fact(
        "other_shape",
        "Your output has the right values in the right order, but in another shape. Which shape "
        "does the text ask for?",
        1,
    )


def _summed(got: Array, expected: Array) -> Iterator[Fact]:
    """Facts about a sum or mean that is missing, or over too many axes."""
    for name, more, less in (("not_summed", got, expected), ("summed_too_far", expected, got)):
        for some in itertools.chain.from_iterable(
            itertools.combinations(range(more.ndim), count) for count in (1, 2, 3)
        ):
            for word, made in (("sum", more.sum), ("mean", more.mean)):
                for keep in (False, True):
                    if close(np.asarray(made(axis=some, keepdims=keep)), less):
                        yield _sum_fact(name, word, some)


def _sum_fact(name: str, word: str, axes: tuple[int, ...]) -> Fact:
    over = f"axis {axes[0]}" if len(axes) == 1 else f"axes {' and '.join(map(str, axes))}"
    if name == "not_summed":
        text = (
            f"The {word} of your output over {over} is the expected output. Is this {word} missing?"
        )
    else:
        text = (
            f"Your output is the {word} of the expected one over {over}. Is there one {word} too "
            "many, or one over too many axes?"
        )
    return Fact(name, text, 1 + len(axes))


def _cut(got: Array, expected: Array) -> Iterator[Fact]:
    """Facts about got as a part of expected, or the other way round."""
    smaller = all(m <= n for m, n in zip(got.shape, expected.shape, strict=True))
    larger = all(m >= n for m, n in zip(got.shape, expected.shape, strict=True))
    if not smaller and not larger:
        return
    part, full = (got, expected) if smaller else (expected, got)
    free = [n - m for m, n in zip(part.shape, full.shape, strict=True)]
    if not part.size or np.prod([n + 1 for n in free]) > _MAX_OFFSETS:
        return
    for start in itertools.product(*(range(n + 1) for n in free)):
        window = tuple(slice(a, a + m) for a, m in zip(start, part.shape, strict=True))
        if close(part, full[window]):
            rest = full.copy()
            rest[window] = 0.0
            yield from _cut_facts(start, free, smaller, not rest.any())


def _cut_facts(
    start: tuple[int, ...], free: list[int], smaller: bool, zeros: bool
) -> Iterator[Fact]:
    sides = []
    for axis, (before, total) in enumerate(zip(start, free, strict=True)):
        if before:
            sides.append((axis, "start", before))
        if total - before:
            sides.append((axis, "end", total - before))
    counted = ", ".join(f"{count} at the {side} of axis {axis}" for axis, side, count in sides)
    plain = ", ".join(f"at the {side} of axis {axis}" for axis, side, _ in sides)
    ends = " and ".join(sorted({f"at the {side}" for _, side, _ in sides}))
    for rank, words in ((2, counted), (3, plain), (4, f"{ends} of some axes")):
        if smaller:
            yield Fact(
                "cut",
                f"Your output is a part of the expected one. Missing: {words}. The rest is right. "
                "Where is the size of the output computed, or where do you cut it?",
                rank,
            )
        elif zeros:
            yield Fact(
                "extra_zeros",
                f"Your output is the expected one with zeros around it: {words}. Is the size of "
                "the output too large, or is padding not removed?",
                rank - 1,
            )
        else:
            yield Fact(
                "extra_values",
                f"Your output holds the expected one, and more values: {words}. Is the size of the "
                "output too large, or is padding not removed?",
                rank,
            )
