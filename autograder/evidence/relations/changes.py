"""Changes of arguments: one ignored, fixed, exchanged, transposed or cut."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Change:
    """A change of one ``argument``, or of two.

    ``words`` complete "Your output is the one for ...". ``new(arguments)`` are the new values by
    name; {} if the change does not apply.
    """

    name: str
    words: str
    argument: str
    new: Callable[[Mapping[str, Any]], dict[str, Any]]
    rank: int = 0


def changes(arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Change]:
    """All changes that are tried for a call with these arguments."""
    for name, value in arguments.items():
        if name in defaults:
            yield _fixed(name, defaults[name], f"{name} ignored: {name} = {defaults[name]!r}", 0)
        if isinstance(value, torch.Tensor):
            yield from _of_tensor(name, value)
        elif isinstance(value, bool):
            yield _change("fixed", f"the opposite of {name}", name, lambda v: not v, 1)
        elif isinstance(value, int):
            yield from _of_integer(name, arguments)
        elif isinstance(value, float):
            yield from _of_float(name)
        elif _is_integers(value):
            yield _change("exchanged", f"{name} in the other order", name, lambda v: v[::-1], 1)
    yield from _exchanged(arguments)


def _change(
    name: str, words: str, argument: str, new: Callable[[Any], Any], rank: int = 1
) -> Change:
    """A change of one argument by a function of its value."""

    def changed(arguments: Mapping[str, Any]) -> dict[str, Any]:
        value = arguments.get(argument)
        if value is None:
            return {}
        try:
            found = new(value)
        except (TypeError, ValueError, RuntimeError, IndexError, ZeroDivisionError):
            return {}
        return {} if _is_same(found, value) else {argument: found}

    return Change(name, words, argument, changed, rank)


def _fixed(argument: str, value: Any, words: str, rank: int) -> Change:
    def changed(arguments: Mapping[str, Any]) -> dict[str, Any]:
        if argument not in arguments or _is_same(arguments[argument], value):
            return {}
        return {argument: value}

    return Change("ignored" if not rank else "fixed", words, argument, changed, rank)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and bool((one == other).all())
    if isinstance(one, torch.Tensor) or isinstance(other, torch.Tensor):
        return False
    return type(one) is type(other) and bool(one == other)


def _of_tensor(name: str, value: torch.Tensor) -> Iterator[Change]:
    ndim = value.dim()
    yield _change("ignored", f"{name} = 0", name, torch.zeros_like)
    if value.is_floating_point():
        yield _change("ignored", f"{name} = 1", name, torch.ones_like)
        yield _change("changed", f"-{name} in place of {name}", name, torch.neg, 2)
        yield _change("changed", f"{name}**2 in place of {name}", name, torch.square, 2)
        yield _change("changed", f"the square root of {name}", name, torch.sqrt, 2)
        yield _change("changed", f"1 / {name} in place of {name}", name, torch.reciprocal, 2)
    axes = range(ndim)
    for some in itertools.chain.from_iterable(itertools.combinations(axes, k) for k in (1, 2, 3)):
        words = f"{name} flipped along {_axes(some)}"
        yield _change("flipped_argument", words, name, functools.partial(_flipped, some))
    for two in itertools.combinations(axes, 2):
        words = f"{name} with {_axes(two)} exchanged"
        yield _change("transposed_argument", words, name, functools.partial(_transposed, two))
        words = f"{name} with a reshape in place of exchanging {_axes(two)}"
        yield _change("reshaped_argument", words, name, functools.partial(_reshaped, two), 3)
    for axis in axes:
        words = f"index 0 of {name} along axis {axis} in place of each index"
        yield _change("first_only", words, name, functools.partial(_first, axis), 2)
        for word, start in (("last", 0), ("first", 1)):
            words = f"{name} without its {word} index along axis {axis}"
            yield _change("cut_argument", words, name, functools.partial(_without, axis, start), 2)


def _axes(axes: Sequence[int]) -> str:
    """The words for some axes."""
    if len(axes) == 1:
        return f"axis {axes[0]}"
    return f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"


def _flipped(axes: Sequence[int], value: torch.Tensor) -> torch.Tensor:
    return value.flip(tuple(axes))


def _transposed(axes: Sequence[int], value: torch.Tensor) -> torch.Tensor:
    return value.transpose(*axes)


def _reshaped(axes: Sequence[int], value: torch.Tensor) -> torch.Tensor:
    return value.transpose(*axes).reshape(value.shape)


def _first(axis: int, value: torch.Tensor) -> torch.Tensor:
    return value.select(axis, 0).unsqueeze(axis).expand_as(value).clone()


def _without(axis: int, start: int, value: torch.Tensor) -> torch.Tensor:
    """All but one index of an axis; the value itself if the axis has one only."""
    size = value.shape[axis]
    return value if size < 2 else value.narrow(axis, start, size - 1).clone()


def _of_integer(name: str, arguments: Mapping[str, Any]) -> Iterator[Change]:
    for number in (0, 1, 2):
        yield _fixed(name, number, f"{name} = {number} in every case", 1)
    yield _change("changed", f"{name} - 1 in place of {name}", name, lambda v: v - 1)
    yield _change("changed", f"{name} + 1 in place of {name}", name, lambda v: v + 1)
    yield _change("changed", f"2 * {name} in place of {name}", name, lambda v: 2 * v)
    yield _change("changed", f"{name} // 2 in place of {name}", name, lambda v: v // 2)
    for other, value in arguments.items():
        if other != name and isinstance(value, int) and not isinstance(value, bool):
            yield _taken(name, other, other, None)
        if isinstance(value, torch.Tensor) and value.dim() > 1:
            for axis in range(value.dim()):
                yield _taken(name, other, f"{other}.shape[{axis}]", axis)


def _taken(name: str, other: str, words: str, axis: int | None) -> Change:
    """Another argument, or the size of its axis, in place of an integer."""

    def changed(arguments: Mapping[str, Any]) -> dict[str, Any]:
        value = arguments.get(other)
        if axis is not None:
            sizes = value.shape if isinstance(value, torch.Tensor) else ()
            value = int(sizes[axis]) if axis < len(sizes) else None
        if type(value) is not int or type(arguments.get(name)) is not int:
            return {}
        return {} if value == arguments[name] else {name: value}

    return Change("changed", f"{words} in place of {name}", name, changed, 2)


def _of_float(name: str) -> Iterator[Change]:
    yield _fixed(name, 0.0, f"{name} ignored: {name} = 0", 0)
    yield _fixed(name, 1.0, f"{name} = 1 in every case", 1)
    yield _change("changed", f"{name}**2 in place of {name}", name, lambda v: v**2)
    yield _change("changed", f"the square root of {name}", name, lambda v: v**0.5)
    yield _change("changed", f"1 - {name} in place of {name}", name, lambda v: 1 - v)
    yield _change("changed", f"2 * {name} in place of {name}", name, lambda v: 2 * v)
    yield _change("changed", f"-{name} in place of {name}", name, lambda v: -v)


def _is_integers(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(type(item) is int for item in value)


def _exchanged(arguments: Mapping[str, Any]) -> Iterator[Change]:
    """Two arguments of one type exchanged."""
    for one, other in itertools.combinations(arguments, 2):
        if _kind(arguments[one]) != _kind(arguments[other]) or not _kind(arguments[one]):
            continue

        def changed(given: Mapping[str, Any], one: str = one, other: str = other) -> dict[str, Any]:
            mine, its = given.get(one), given.get(other)
            if mine is None or its is None or _is_same(mine, its):
                return {}
            return {one: its, other: mine}

        yield Change("exchanged", f"{one} and {other} exchanged", f"{one}, {other}", changed, 1)


def _kind(value: Any) -> str:
    for kind in (bool, int, float, torch.Tensor):
        if isinstance(value, kind):
            dims = value.dim() if isinstance(value, torch.Tensor) else ""
            return f"{kind.__name__}{dims}"
    return ""
