"""Conditions on sizes that tell two kinds of cases apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Sizes = Mapping[str, object]

ENOUGH = 2  # different sizes on either side, for a condition on one size or on two axes
ENOUGH_FOR_PAIRS = 5  # the same for a condition on any two sizes, of which there are many
MOST_RIGHT = 5  # a necessary condition holds for at most one right case in so many
_AXES = frozenset({"D", "H", "W", "rows", "columns", "height", "width"})
_LETTER = re.compile(r"[A-Za-z](_?(in|out|[dhwDHW]|\d))?")  # N, C_in, k_h, K1
_WORDS = frozenset(
    "batch channels classes columns depth groups height images kernel kernel_size padding rows size"
    " stride width".split()
)
_GIVEN = "with_"  # with_bias: whether an argument is given


@dataclass(frozen=True)
class Condition:
    """A condition on the sizes of a case. ``words`` continue "only if": "S > 1"."""

    words: str
    holds: Callable[[Sizes], bool]


def conditions(right: Sequence[Sizes], wrong: Sequence[Sizes]) -> list[Condition]:
    """The conditions that hold in each case of ``wrong`` and in no case of ``right``.

    Only names that students know are used: the lecture's letters (N, C_in, K_H), a few words, and
    ``with_bias`` for an optional argument. The list is empty if there are too few different sizes,
    or if the same sizes stand on both sides: then values decide, not sizes.
    """
    rights, wrongs = _distinct(right), _distinct(wrong)
    few = min(len(rights), len(wrongs))
    if few < ENOUGH or rights.keys() & wrongs.keys():
        return []
    return _best(list(rights.values()), list(wrongs.values()), few >= ENOUGH_FOR_PAIRS, 0)


def necessary_conditions(right: Sequence[Sizes], wrong: Sequence[Sizes]) -> list[Condition]:
    """The same, but they may also hold for a few of ``right``: wrong only if, but not always if.

    They need more cases, and are empty if there is an exact condition.
    """
    rights, wrongs = _distinct(right), _distinct(wrong)
    few = min(len(rights), len(wrongs))
    if few < ENOUGH_FOR_PAIRS or conditions(right, wrong):
        return []
    most = min(len(rights) // MOST_RIGHT, len(wrongs) - 1)
    return _best(list(rights.values()), list(wrongs.values()), False, most)


def _best(
    right: Sequence[Sizes], wrong: Sequence[Sizes], with_pairs: bool, most: int
) -> list[Condition]:
    """The conditions for all of ``wrong`` and at most so many of ``right``, fewest first."""
    both = [*right, *wrong]
    names = _common_names(both)
    kinds: list[Iterable[Condition]] = [
        [*_of_one(names, both), *_of_axes(names)],
        _of_two(names, _are_axes, (_LARGER,)),
    ]
    if with_pairs:
        kinds.append(_of_two(names, _are_any, (_LARGER,)))
    for candidates in kinds:
        counted = [
            (sum(map(one.holds, right)), one) for one in candidates if all(map(one.holds, wrong))
        ]
        least = min((count for count, _ in counted), default=most + 1)
        if least <= most:
            return [one for count, one in counted if count == least]
    return []


def _distinct(cases: Sequence[Sizes]) -> dict[frozenset[tuple[str, str]], Sizes]:
    return {frozenset((name, repr(size)) for name, size in one.items()): one for one in cases}


def _common_names(cases: Sequence[Sizes]) -> list[str]:
    """The names of whole numbers that all cases have and that students know."""
    return [
        name
        for name in cases[0]
        if _is_known(name) and all(isinstance(one.get(name), int) for one in cases)
    ]


def _is_known(name: str) -> bool:
    return bool(_LETTER.fullmatch(name)) or name in _WORDS or name.startswith(_GIVEN)


def _of_one(names: Sequence[str], cases: Sequence[Sizes]) -> list[Condition]:
    """A size that is, or is not, the smallest that comes; or larger than the next after it."""
    found = []
    for name in names:
        if name.startswith(_GIVEN):
            argument = name.removeprefix(_GIVEN)
            found.append(Condition(f"there is no {argument}", _equals(name, 0)))
            found.append(Condition(f"there is a {argument}", _exceeds(name, 0)))
            continue
        least = min(_number(one[name]) for one in cases)
        if least in (0, 1):
            found.append(Condition(f"{name} = {least}", _equals(name, least)))
            found.append(Condition(f"{name} > {least}", _exceeds(name, least)))
            if any(_number(one[name]) == least + 1 for one in cases):
                found.append(Condition(f"{name} > {least + 1}", _exceeds(name, least + 1)))
    return found


def _of_axes(names: Sequence[str]) -> list[Condition]:
    """Two axes of the same thing that have, or have not, the same size."""
    found = []
    for one, other in itertools.combinations(names, 2):
        if _are_axes(one, other):
            found.append(Condition(f"{one} and {other} differ", _relates(one, other, _differs)))
            found.append(Condition(f"{one} and {other} are equal", _relates(one, other, _is_same)))
    return found


_Relation = tuple[str, Callable[[int, int], bool]]


def _of_two(
    names: Sequence[str], fits: Callable[[str, str], bool], relations: Iterable[_Relation]
) -> list[Condition]:
    """Relations between two sizes, such as a kernel that is larger than its stride."""
    return [
        Condition(f"{one} is {words} {other}", _relates(one, other, holds))
        for one, other in itertools.permutations(names, 2)
        if fits(one, other)
        for words, holds in relations
    ]


def _are_axes(one: str, other: str) -> bool:
    thing, _, axis = one.rpartition("_")
    thing_2, _, axis_2 = other.rpartition("_")
    return {one, other} <= _AXES or bool(thing and thing == thing_2 and axis != axis_2)


def _are_any(one: str, other: str) -> bool:
    return not one.startswith(_GIVEN) and not other.startswith(_GIVEN)


def _is_larger(one: int, other: int) -> bool:
    return one > other


def _differs(one: int, other: int) -> bool:
    return one != other


def _is_same(one: int, other: int) -> bool:
    return one == other


_LARGER: _Relation = ("larger than", _is_larger)


def _number(size: object) -> int:
    return size if isinstance(size, int) else -1


def _equals(name: str, bound: int) -> Callable[[Sizes], bool]:
    return lambda sizes: _number(sizes[name]) == bound


def _exceeds(name: str, bound: int) -> Callable[[Sizes], bool]:
    return lambda sizes: _number(sizes[name]) > bound


def _relates(one: str, other: str, holds: Callable[[int, int], bool]) -> Callable[[Sizes], bool]:
    return lambda sizes: holds(_number(sizes[one]), _number(sizes[other]))
