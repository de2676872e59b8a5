"""Which cases a check tries."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from autograder.checks.case import Style
from autograder.checks.smallest import Sizes

RANDOM_CONFIGURATIONS = 6
FIRST = "first"
_EXTRAS: dict[str, tuple[Style, ...]] = {
    "the dtype is kept, float32 and float64": (
        Style(strict_dtype=True),
        Style(dtype=torch.float64, strict_dtype=True),
    ),
    "inputs that are not contiguous in memory": (Style(contiguous=False),),
    "the arguments are left alone": (Style(strict_arguments=True),),
}

Groups = Mapping[str, Sizes | Sequence[Sizes]]


@dataclass(frozen=True)
class Case:
    """What a case is made from, and whether the operations of its call are of interest."""

    sizes: Sizes
    style: Style
    salt: str
    watch: bool = False


def planned(
    groups: Groups,
    sizes: Mapping[str, tuple[int, int]] | None,
    where: Callable[..., bool] | None,
    extras: Sizes | str | None,
    seed: int,
) -> Iterator[tuple[str, Case]]:
    """Yield the cases of every group, each with the name of its group."""
    plan = _plan(groups, sizes, where, extras, seed)
    for group, cases in plan.items():
        for index, (case_sizes, style) in enumerate(cases):
            yield group, Case(case_sizes, style, f"{group} {index}", watch=index == 0)


def derived(seed: int, salt: str) -> int:
    """Return the seed of one of many things that one seed decides."""
    digest = hashlib.sha256(f"{seed} {salt}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def _plan(
    groups: Groups,
    sizes: Mapping[str, tuple[int, int]] | None,
    where: Callable[..., bool] | None,
    extras: Sizes | str | None,
    seed: int,
) -> dict[str, list[tuple[Sizes, Style]]]:
    plan: dict[str, list[tuple[Sizes, Style]]] = {}
    for group, given in groups.items():
        cases = [given] if isinstance(given, Mapping) else list(given)
        plan[group] = [(dict(case), Style()) for case in cases]
    first = next(iter(plan.values()))[0][0]
    if sizes:
        drawn = _random_sizes(sizes, where, seed)
        plan["random configurations"] = [(case, Style()) for case in drawn]
    if extras is not None:
        chosen = dict(extras) if isinstance(extras, Mapping) else first
        for group, styles in _EXTRAS.items():
            plan[group] = [(chosen, style) for style in styles]
    return plan


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
