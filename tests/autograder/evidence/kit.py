"""A small exercise with several outputs, its bank, and diagnoses of wrong answers to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograder.checks import CheckContext, CheckResult, Draw, Misconception, check, checking

Function = Callable[..., Any]


def sums(x: torch.Tensor, stride: int, shift: float) -> tuple[torch.Tensor, torch.Tensor]:
    rows = x[::stride].sum(dim=1) + shift
    columns = x[::stride].sum(dim=0) * 2
    return rows, columns


def make(draw: Draw, rows: int, columns: int, stride: int) -> tuple[torch.Tensor, int, float]:
    return draw.tensor(rows, columns), stride, draw.uniform(1, 2)


def patched(stride: bool = True, shift: bool = True, twice: bool = True) -> Function:
    """``sums`` without some of its parts."""

    def function(x: torch.Tensor, s: int, b: float) -> tuple[torch.Tensor, torch.Tensor]:
        part = x[::s] if stride else x[: len(x[::s])]
        rows = part.sum(dim=1) + (b if shift else 0)
        return rows, part.sum(dim=0) * (2 if twice else 1)

    return function


def of(**parts: bool) -> Misconception:
    name = "no_" + "_".join(parts)
    return Misconception(f"sums.{name}", f"You have {name}.", patched(**parts))


NO_STRIDE, NO_SHIFT, NO_TWICE = of(stride=False), of(shift=False), of(twice=False)
BANK = (NO_STRIDE, NO_SHIFT, NO_TWICE)


def compose(one: Misconception, other: Misconception) -> Function:
    missing = [part for part in ("stride", "shift", "twice") if part in one.id + other.id]
    return patched(**dict.fromkeys(missing, False))


def diagnosed(
    function: Function, bank: tuple[Misconception, ...] = BANK, joins: bool = True
) -> CheckResult:
    with checking(CheckContext(3, bank, compose=compose if joins else None)):
        return check(
            function, sums, make, points=1, name="sums",
            groups={
                "plain": dict(rows=5, columns=4, stride=1),
                "a stride": [dict(rows=7, columns=4, stride=2), dict(rows=8, columns=5, stride=3)],
            },
        )  # fmt: skip
