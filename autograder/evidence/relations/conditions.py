"""Conditions on the sizes of a case that separate right from wrong cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from autograder.evidence.cells import Cell, Material
from autograder.evidence.relations.quantities import bound, quantities
from autograder.evidence.relations.window import KERNELS, Window, windows

_MIN_CASES = 3  # right and wrong cases
_MIN_RIGHT = 0.25  # of all cases; less are easy ones
_MAX_CONDITIONS = 2


def condition(material: Material, output: str) -> str:
    """A sentence about the cases in which an output is wrong; "" if no condition fits.

    Several conditions that fit are told together, since the cases do not tell them apart.
    """
    cells = [cell for cell in material.cells if cell.output == output and cell.group]
    values = [cell for cell in cells if cell.raised is None]
    wrong = [cell for cell in values if cell.is_wrong]
    right = [cell for cell in values if not cell.is_wrong]
    if len(wrong) < _MIN_CASES or len(right) < max(_MIN_CASES, _MIN_RIGHT * len(values)):
        return ""
    if any(cell.raised for cell in cells):
        return ""
    sizes = _different_sizes(material, values)
    facts = {cell.number: _facts(material, cell, sizes) for cell in values}
    names = set.intersection(*({*facts[cell.number]} for cell in values))
    fitting = sorted(
        name
        for name in names
        if all(facts[cell.number][name] for cell in wrong)
        and not any(facts[cell.number][name] for cell in right)
    )
    if not 1 <= len(fitting) <= _MAX_CONDITIONS:
        return ""
    told = " or ".join(fitting)
    more = " The cases do not tell these two apart." if len(fitting) > 1 else ""
    return (
        f"Your output is wrong exactly in the cases where {told}; it is right in all others."
        f"{more} Which line of yours makes this difference?"
    )


def _different_sizes(material: Material, cells: Sequence[Cell]) -> frozenset[str]:
    """The names of sizes of axes; of sizes that are equal in all cases, the first one's."""
    found: dict[tuple[float, ...], str] = {}
    known = [quantities(material, cell.trial) for cell in cells]
    names = set.intersection(*({*one} for one in known))
    for name in sorted(names, key=lambda name: (not name.startswith("x."), name)):
        found.setdefault(tuple(one[name] for one in known), name)
    return frozenset(found.values())


def _facts(material: Material, cell: Cell, sizes: frozenset[str]) -> dict[str, bool]:
    """Conditions by their words, and whether a case fulfils them."""
    arguments = bound(material, cell.trial.call)
    found = dict(_of_arguments(arguments, sizes))
    axes = list(windows(arguments))
    if axes:
        found["the stride leaves a remainder"] = any(_remainder(w) for w in axes)
        found["windows overlap"] = any(w.s < w.k for w in axes)
        found["there are gaps between windows"] = any(w.s > w.k for w in axes)
        found["the stride differs from the kernel size"] = any(w.s != w.k for w in axes)
    return found


def _of_arguments(
    arguments: Mapping[str, Any], sizes: frozenset[str]
) -> Iterator[tuple[str, bool]]:
    for name, value in arguments.items():
        if isinstance(value, torch.Tensor):
            yield from _of_tensor(name, value, sizes)
        yield f"{name} is given", value is not None
        yield f"{name} is None", value is None
        if isinstance(value, bool):
            yield f"{name} is True", value
            yield f"{name} is False", not value
        elif isinstance(value, int) and name not in KERNELS:  # kernels of one pixel are easy
            yield f"{name} is larger than 1", value > 1
            yield f"{name} is not 0", value != 0
            yield f"{name} is 0", value == 0
            yield f"{name} is 1", value == 1
            yield f"{name} is odd", value % 2 == 1
            yield f"{name} is even", value % 2 == 0


def _of_tensor(name: str, value: torch.Tensor, sizes: frozenset[str]) -> Iterator[tuple[str, bool]]:
    for axis, size in enumerate(value.shape):
        if f"{name}.shape[{axis}]" in sizes:
            yield f"{name}.shape[{axis}] is larger than 1", size > 1
            yield f"{name}.shape[{axis}] is 1", size == 1
    if value.dim() >= 2 and f"{name}.shape[{value.dim() - 1}]" in sizes:
        height, width = value.shape[-2:]
        yield f"the last two sizes of {name} differ", height != width
        yield f"the last two sizes of {name} are equal", height == width
        yield f"{name} is taller than wide", height > width
        yield f"{name} is wider than tall", height < width
    if value.numel() > 1:
        yield f"{name} has negative values only", bool((value < 0).all())
        yield f"some values of {name} are equal", len(value.unique()) < value.numel()


def _remainder(window: Window) -> bool:
    return (window.n + 2 * window.p - window.k) % window.s != 0
