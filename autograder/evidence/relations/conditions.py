"""Conditions on the sizes of a case that separate right from wrong cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from autograder.evidence.cells import Cell, Material
from autograder.evidence.relations.quantities import bound
from autograder.evidence.relations.window import Window, windows

_MIN_CASES = 3  # right and wrong cases
_MAX_CONDITIONS = 2


def condition(material: Material, output: str) -> tuple[str, list[Cell]]:
    """A sentence about the cases in which an output is wrong, and its wrong cells; "" if none.

    Several conditions that fit are told together, since the cases do not tell them apart.
    """
    cells = [cell for cell in material.cells if cell.output == output and cell.group]
    values = [cell for cell in cells if cell.raised is None]
    wrong = [cell for cell in values if cell.is_wrong]
    right = [cell for cell in values if not cell.is_wrong]
    if min(len(wrong), len(right)) < _MIN_CASES or any(c.raised for c in cells):
        return "", []
    facts = {cell.number: _facts(material, cell) for cell in values}
    names = set.intersection(*({*facts[cell.number]} for cell in values))
    fitting = sorted(
        name
        for name in names
        if all(facts[cell.number][name] for cell in wrong)
        and not any(facts[cell.number][name] for cell in right)
    )
    if not 1 <= len(fitting) <= _MAX_CONDITIONS:
        return "", []
    told = " or ".join(fitting)
    more = " The cases do not tell these two apart." if len(fitting) > 1 else ""
    return (
        f"Your output is wrong exactly in the cases where {told}; it is right in all others."
        f"{more} Which line of yours makes this difference?"
    ), wrong


def _facts(material: Material, cell: Cell) -> dict[str, bool]:
    """Conditions by their words, and whether a case fulfils them."""
    arguments = bound(material, cell.trial.call)
    found = dict(_of_arguments(arguments))
    both = list(windows(arguments))
    if both:
        found["the stride leaves a remainder"] = any(_remainder(w) for w in both)
        found["windows overlap"] = any(w.s < w.k for w in both)
        found["there are gaps between windows"] = any(w.s > w.k for w in both)
        found["the stride differs from the kernel size"] = any(w.s != w.k for w in both)
    return found


def _of_arguments(arguments: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for name, value in arguments.items():
        if isinstance(value, torch.Tensor):
            for axis, size in enumerate(value.shape):
                yield f"{name}.shape[{axis}] is larger than 1", size > 1
                yield f"{name}.shape[{axis}] is 1", size == 1
            if value.dim() >= 2:
                yield f"the last two sizes of {name} differ", value.shape[-1] != value.shape[-2]
                yield f"the last two sizes of {name} are equal", value.shape[-1] == value.shape[-2]
                yield f"{name} is taller than wide", value.shape[-2] > value.shape[-1]
                yield f"{name} is wider than tall", value.shape[-2] < value.shape[-1]
            yield f"{name} has negative values only", bool((value < 0).all())
        if value is None or isinstance(value, torch.Tensor):
            yield f"{name} is given", value is not None
            yield f"{name} is None", value is None
        elif isinstance(value, bool):
            yield f"{name} is True", value
            yield f"{name} is False", not value
        elif isinstance(value, int):
            yield f"{name} is larger than 1", value > 1
            yield f"{name} is not 0", value != 0
            yield f"{name} is 0", value == 0
            yield f"{name} is 1", value == 1
            yield f"{name} is odd", value % 2 == 1
            yield f"{name} is even", value % 2 == 0


def _remainder(window: Window) -> bool:
    return (window.n + 2 * window.p - window.k) % window.s != 0
