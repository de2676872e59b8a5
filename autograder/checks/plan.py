"""The cases that a check tries."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from autograder.trials.cases import LAYOUTS, Draw, Sizes, Style

RANDOM_CONFIGURATIONS = 6
FIRST = "first"
LEFT_ALONE = "the arguments are left alone"
BY_PLACE = "all arguments by their place"
LEFT_OUT = "optional arguments left out"

SizesOf = Sizes | Callable[[Draw], Sizes]  # sizes, or a function that draws them from the seed
Groups = Mapping[str, SizesOf | Sequence[SizesOf]]
Extras = Sizes | Sequence[Sizes] | str | None


@dataclass(frozen=True)
class Case:
    """The ingredients of a case, and whether the operations of its call are watched.

    ``steps``: the steps of a group's cases are compared. The first case is tried twice, because a
    first call may import a module.
    """

    sizes: Sizes
    style: Style
    salt: str
    watch: bool = False
    steps: bool = False
    warms_up: bool = False


def planned(
    groups: Groups,
    sizes: Mapping[str, tuple[int, int]] | None,
    where: Callable[..., bool] | None,
    extras: Extras,
    takes_names: Callable[[Sizes], bool],
    default_names: Callable[[Sizes], frozenset[str]],
    seed: int,
    no_loops: Collection[str] = (),
) -> Iterator[tuple[str, Case]]:
    """Yield the cases of every group, each with the name of its group.

    ``takes_names`` says whether a call of these sizes gives arguments by name, ``default_names``
    which of its arguments are their defaults. ``no_loops`` are groups whose cases differ in size
    but need equally many steps of Python. Raises ValueError if one of these names is not a group,
    or if its group has a single case.
    """
    plan = _plan(groups, sizes, where, extras, takes_names, default_names, seed)
    for group in no_loops:
        if len(plan.get(group, ())) < 2:
            raise ValueError(f"no_loops needs a group of two cases or more: {group}")
    for group, cases in plan.items():
        steps = group in no_loops
        for index, (case_sizes, style) in enumerate(cases):
            case = Case(case_sizes, style, f"{group} {index}", steps or index == 0, steps)
            if steps and index == 0:
                yield group, replace(case, warms_up=True)
            yield group, case


def derived(seed: int, salt: str) -> int:
    """Return a new seed for one of the uses of a seed."""
    digest = hashlib.sha256(f"{seed} {salt}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def _plan(
    groups: Groups,
    sizes: Mapping[str, tuple[int, int]] | None,
    where: Callable[..., bool] | None,
    extras: Extras,
    takes_names: Callable[[Sizes], bool],
    default_names: Callable[[Sizes], frozenset[str]],
    seed: int,
) -> dict[str, list[tuple[Sizes, Style]]]:
    plan: dict[str, list[tuple[Sizes, Style]]] = {}
    for group, given in groups.items():
        cases = [given] if isinstance(given, Mapping) or callable(given) else list(given)
        plan[group] = [
            (_drawn(case, derived(seed, f"the sizes of {group} {number}")), Style())
            for number, case in enumerate(cases)
        ]
    own = [case for cases in plan.values() for case, _ in cases]
    first = own[0]
    if sizes:
        drawn = _random_sizes(sizes, where, seed)
        plan["random configurations"] = [(case, Style()) for case in drawn]
    if extras is not None:
        chosen = [first] if isinstance(extras, str) else _listed(extras)
        plan |= _extra_groups(chosen)
        if named := [sizes for sizes in chosen if takes_names(sizes)]:
            plan[BY_PLACE] = [(sizes, Style(by_place=True)) for sizes in named]
        if optional := _with_defaults([*own, *chosen], default_names):
            plan[LEFT_OUT] = [(sizes, Style(left_out=True)) for sizes in optional]
    return plan


def _with_defaults(
    cases: list[Sizes], default_names: Callable[[Sizes], frozenset[str]]
) -> list[Sizes]:
    """A few cases in which, together, as many arguments as possible are their defaults."""
    names = [default_names(case) for case in cases]
    found, left = [], frozenset().union(*names)
    while left:
        best = max(range(len(cases)), key=lambda k: len(names[k] & left))
        found.append(cases[best])
        left -= names[best]
    return found


def _extra_groups(chosen: list[Sizes]) -> dict[str, list[tuple[Sizes, Style]]]:
    """Groups for dtype, memory layout and arguments; memory layouts are tried at all sizes."""
    dtypes = [Style(strict_dtype=True), Style(dtype=torch.float64, strict_dtype=True)]
    return {
        "the dtype is kept, float32 and float64": [(chosen[0], style) for style in dtypes],
        "inputs that are not contiguous in memory": [
            (sizes, Style(layout=layout)) for sizes in chosen for layout in LAYOUTS
        ],
        LEFT_ALONE: [(sizes, Style(strict_arguments=True)) for sizes in chosen],
    }


def _listed(given: Sizes | Sequence[Sizes]) -> list[Sizes]:
    return [dict(given)] if isinstance(given, Mapping) else [dict(sizes) for sizes in given]


def _drawn(case: SizesOf, seed: int) -> Sizes:
    """The sizes of a case."""
    return dict(case(Draw(seed)) if callable(case) else case)


def _random_sizes(
    sizes: Mapping[str, tuple[int, int]], where: Callable[..., bool] | None, seed: int
) -> list[Sizes]:
    source = random.Random(derived(seed, "sizes"))
    found: list[Sizes] = []
    for _ in range(10_000):
        drawn = {name: source.randint(low, high) for name, (low, high) in sizes.items()}
        if where is None or where(**drawn):
            found.append(drawn)
        if len(found) == RANDOM_CONFIGURATIONS:
            return found
    raise ValueError("the ranges of a check hardly ever give valid sizes")
