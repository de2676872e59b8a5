"""Changes of arguments: one ignored, fixed, exchanged, transposed or cut."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

Arguments = Mapping[str, Any]
_TINY = 1e-3


@dataclass(frozen=True)
class Change:
    """A change of one ``argument``, or of two.

    ``words`` complete "Your output is the right one with ...". ``new(arguments)`` are the new
    values by name; {} if the change does not apply. ``negates``: the output changes its sign too.
    ``resizes``: the output is also compared after it is cut, or filled up with 0. Of the
    fitting changes, the smallest ``rank`` is told.
    """

    name: str
    argument: str
    words: str
    new: Callable[[Arguments], dict[str, Any]]
    rank: int = 1
    negates: bool = False
    resizes: bool = False


def changes(arguments: Arguments, defaults: Arguments) -> Iterator[Change]:
    """All changes that are tried for a call with these arguments, the likely ones first."""
    for name in arguments:
        if name in defaults:
            yield _fixed(name, defaults[name], 0)
    yield from _exchanged(arguments)
    for name, value in arguments.items():
        if isinstance(value, torch.Tensor):
            yield from _of_tensor(name, value)
        elif isinstance(value, bool):
            yield _changed(name, f"the opposite of {name}", lambda v: not v)
        elif isinstance(value, int):
            yield from _of_integer(name, arguments)
        elif isinstance(value, float):
            yield from _of_float(name)
        elif _is_integers(value):
            yield _changed(name, f"{name} in the other order", lambda v: v[::-1])


def _changed(
    argument: str,
    words: str,
    new: Callable[[Any], Any],
    rank: int = 1,
    name: str = "changed_argument",
    negates: bool = False,
) -> Change:
    """A change of one argument by a function of its value."""

    def changed(arguments: Arguments) -> dict[str, Any]:
        value = arguments.get(argument)
        if value is None:
            return {}
        try:
            found = new(value)
        except (TypeError, ValueError, RuntimeError, IndexError, ArithmeticError):
            return {}
        return {} if _is_same(found, value) else {argument: found}

    resizes = name == "changed_argument" and not negates
    return Change(name, argument, words, changed, rank, negates, resizes)


def _fixed(argument: str, value: Any, rank: int) -> Change:
    """The same value of an argument in all cases: its default, or another one."""

    def changed(arguments: Arguments) -> dict[str, Any]:
        if argument not in arguments or _is_same(arguments[argument], value):
            return {}
        return {argument: value}

    is_tiny = type(value) is float and 0 < value <= _TINY  # the same values as with 0
    words = f"{argument} = {value!r}{' or 0' if is_tiny else ''} in every case"
    return Change("fixed_argument", argument, words, changed, rank, resizes=True)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and bool((one == other).all())
    if isinstance(one, torch.Tensor) or isinstance(other, torch.Tensor):
        return False
    return type(one) is type(other) and bool(one == other)


def _of_tensor(name: str, value: torch.Tensor) -> Iterator[Change]:
    yield _changed(name, f"{name} = 0", torch.zeros_like, 1, "fixed_argument")
    if value.is_floating_point():
        yield _changed(name, f"{name} = 1", torch.ones_like, 1, "fixed_argument")
        yield _changed(name, f"-{name} in place of {name}", torch.neg)
        words = f"-{name} in place of {name}, and then -1 times that output"
        yield _changed(name, words, torch.neg, 2, negates=True)
        yield _changed(name, f"{name}**2 in place of {name}", torch.square)
        yield _changed(name, f"sqrt({name}) in place of {name}", torch.sqrt)
        yield _changed(name, f"1 / {name} in place of {name}", torch.reciprocal)
        yield _changed(name, f"|{name}| in place of {name}", torch.abs)
    axes = range(value.dim())
    for some in itertools.chain.from_iterable(itertools.combinations(axes, k) for k in (1, 2, 3)):
        words = f"{name} flipped along {_axes(some)}"
        yield _changed(
            name, words, functools.partial(_flipped, some), len(some), "flipped_argument"
        )
    for two in itertools.combinations(axes, 2):
        words = f"{_axes(two)} of {name} exchanged"
        yield _changed(name, words, functools.partial(_transposed, two), 1, "transposed_argument")
        if two not in ((0, 1), (value.dim() - 2, value.dim() - 1)):
            continue
        words = f"{name} reshaped in place of exchanging {_axes(two)}"
        yield _changed(name, words, functools.partial(_reshaped, two), 4, "reshaped_argument")
    for axis in axes:
        words = f"index 0 of {name} along axis {axis} in place of each index"
        yield _changed(name, words, functools.partial(_first, axis), 2, "first_only")
        words = f"only index 0 of {name} along axis {axis}, and 0 in place of the others"
        yield _changed(name, words, functools.partial(_masked, axis), 2, "first_only")
        for word, start in (("last", 0), ("first", 1)):
            words = f"{name} without its {word} index along axis {axis}"
            yield _changed(name, words, functools.partial(_without, axis, start), 3, "cut_argument")


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
    if value.shape[axes[0]] == value.shape[axes[1]]:
        return value  # the same as transposed
    return value.transpose(*axes).reshape(value.shape)


def _first(axis: int, value: torch.Tensor) -> torch.Tensor:
    return value.select(axis, 0).unsqueeze(axis).expand_as(value).clone()


def _masked(axis: int, value: torch.Tensor) -> torch.Tensor:
    found = torch.zeros_like(value)
    found.select(axis, 0).copy_(value.select(axis, 0))
    return found


def _without(axis: int, start: int, value: torch.Tensor) -> torch.Tensor:
    """All but one index of an axis; the value itself if the axis has one only."""
    size = value.shape[axis]
    return value if size < 2 else value.narrow(axis, start, size - 1).clone()


def _of_integer(name: str, arguments: Arguments) -> Iterator[Change]:
    for number in (0, 1, 2):
        yield _fixed(name, number, 1)
    yield _changed(name, f"{name} - 1 in place of {name}", lambda v: v - 1)
    yield _changed(name, f"{name} + 1 in place of {name}", lambda v: v + 1)
    yield _changed(name, f"2 * {name} in place of {name}", lambda v: 2 * v)
    yield _changed(name, f"{name} // 2 in place of {name}", lambda v: v // 2)
    for other, value in arguments.items():
        if other != name and type(value) is int:
            yield _taken(name, other, other, None)
        if isinstance(value, torch.Tensor) and value.dim() > 1:
            for axis in range(value.dim()):
                yield _taken(name, other, f"{other}.shape[{axis}]", axis)


def _taken(name: str, other: str, words: str, axis: int | None) -> Change:
    """Another argument, or the size of its axis, in place of an integer."""

    def changed(arguments: Arguments) -> dict[str, Any]:
        value = arguments.get(other)
        if axis is not None:
            sizes = value.shape if isinstance(value, torch.Tensor) else ()
            value = int(sizes[axis]) if axis < len(sizes) else None
        if type(value) is not int or type(arguments.get(name)) is not int:
            return {}
        return {} if value == arguments[name] else {name: value}

    words = f"{words} in place of {name}"
    return Change("changed_argument", name, words, changed, 2, resizes=True)


def _of_float(name: str) -> Iterator[Change]:
    yield _fixed(name, 0.0, 1)
    yield _fixed(name, 1.0, 1)
    yield _changed(name, f"{name}**2 in place of {name}", lambda v: v**2)
    yield _changed(name, f"sqrt({name}) in place of {name}", lambda v: v**0.5)
    yield _changed(name, f"1 - {name} in place of {name}", lambda v: 1 - v)
    yield _changed(name, f"2 * {name} in place of {name}", lambda v: 2 * v)
    yield _changed(name, f"-{name} in place of {name}", lambda v: -v)


def _is_integers(value: Any) -> bool:
    is_list = isinstance(value, (tuple, list))
    return is_list and bool(value) and all(type(item) is int for item in value)


def _exchanged(arguments: Arguments) -> Iterator[Change]:
    """Two arguments of one type exchanged."""
    for one, other in itertools.combinations(arguments, 2):
        if _kind(arguments[one]) and _kind(arguments[one]) == _kind(arguments[other]):
            new = functools.partial(_swapped, one, other)
            words = f"{one} and {other} exchanged"
            yield Change("exchanged_arguments", f"{one} and {other}", words, new, 1)


def _swapped(one: str, other: str, arguments: Arguments) -> dict[str, Any]:
    mine, its = arguments.get(one), arguments.get(other)
    if mine is None or its is None or _is_same(mine, its):
        return {}
    return {one: its, other: mine}


def _kind(value: Any) -> str:
    for kind in (bool, int, float, torch.Tensor):
        if isinstance(value, kind):
            dims = value.dim() if isinstance(value, torch.Tensor) else ""
            return f"{kind.__name__}{dims}"
    return ""
