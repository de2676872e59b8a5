"""Pairs: two misconceptions together, as one patched reference."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from autograder.evidence.cells import DISTINCT, Cell, Material, OutOfCalls, alike, distinct
from autograder.evidence.findings import Compose, Finding, Misconception
from autograder.results import Evidence

MAX_MEMBERS = 8  # candidates that are joined
MAX_PAIRS = 700  # pairs of a bank that are tried


def pair(material: Material, found: Sequence[Misconception], compose: Compose) -> list[Finding]:
    """Two findings if two of the candidates together have the answer's values in all cases, or [].

    ``found`` are ordered by the number of cells that each explains on its own, largest first.
    """
    pairs = itertools.combinations(found[:MAX_MEMBERS], 2)
    return _matching(material, pairs, compose)


def hidden_pair(
    material: Material,
    found: Sequence[Misconception],
    misconceptions: Sequence[Misconception],
    compose: Compose,
) -> list[Finding]:
    """The same for members that explain no group alone, because the other one hides them.

    Pairs with a candidate are tried first. One case rules out nearly every pair.
    """
    known = {one.id for one in found}
    pairs = itertools.combinations(misconceptions, 2)
    ordered = sorted(pairs, key=lambda two: -len(known & {two[0].id, two[1].id}))
    return _matching(material, ordered[:MAX_PAIRS], compose)


def _matching(
    material: Material, pairs: Iterable[tuple[Misconception, Misconception]], compose: Compose
) -> list[Finding]:
    telling = _telling(material)
    matches = []
    try:
        for first, second in pairs:
            function = compose(first, second)
            if function is None or not _agrees(material, function, telling):
                continue
            if material.has_same_values(function):
                matches.append((first, second))
    except OutOfCalls:
        pass
    return _told(material, matches) if matches else []


def _told(
    material: Material, matches: Sequence[tuple[Misconception, Misconception]]
) -> list[Finding]:
    """Both members of a pair; of several pairs, the member that all have and the alternatives."""
    shared = [one for one in matches[0] if all(one in two for two in matches)]
    first = shared[0] if shared else matches[0][0]
    others = [two[0] if two[1] is first else two[1] for two in matches]
    others = [one for one in dict.fromkeys(others) if one is not first]
    if not shared:
        others = [matches[0][1]]
    return [
        _finding(material, first),
        replace(_finding(material, others[0]), alternatives=tuple(others[1:])),
    ]


def _telling(material: Material) -> Cell | None:
    """A small wrong cell with several distinct values, else the cell with most distinct values."""
    values = [cell for cell in material.wrong if cell.raised is None]
    telling = [cell for cell in values if distinct(cell.got) >= DISTINCT]
    if telling:
        return min(telling, key=lambda cell: cell.trial.numbers)
    return max(values, key=lambda cell: distinct(cell.got), default=None)


def _agrees(material: Material, function: Callable[..., Any], cell: Cell | None) -> bool:
    return cell is not None and alike(cell.got, material.output(function, cell))


def _finding(material: Material, one: Misconception) -> Finding:
    explained = frozenset(cell.number for cell in material.wrong)
    return Finding(one.id, Evidence.PAIR, one.sentence, explained)
