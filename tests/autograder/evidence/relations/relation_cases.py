"""A small check whose wrong answers are named by relations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from autograder.checks import Call, CheckContext, CheckResult, Draw, check, checking

CASES = {
    "one row": dict(N=1, H=4, W=6),
    "a square": dict(N=3, H=5, W=5),
    "wide": [dict(N=2, H=3, W=7), dict(N=4, H=4, W=6)],
    "tall": dict(N=2, H=6, W=3),
}


def scale(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None, stride: int = 1
) -> torch.Tensor:
    """A made-up exercise: (N, H, W) and (H, W) -> (N, ceil(H / stride), W)."""
    out = x * weight + x.roll(1, -1)
    if bias is not None:
        out = out + bias[:, None]
    return out[:, ::stride]


def make(draw: Draw, N: int, H: int, W: int, S: int = 1, with_bias: int = 0) -> Call:
    x, weight = draw.tensor(N, H, W), draw.tensor(H, W)
    return Call(x, weight, draw.tensor(H) if with_bias else None, stride=S)


def told(
    function: Callable[..., Any],
    oracle: Callable[..., Any] = scale,
    make: Callable[..., Any] = make,
    groups: Any = None,
    seed: int = 3,
) -> tuple[list[str], str]:
    """The names of all findings on a wrong answer without a bank, and the message."""
    with checking(CheckContext(seed)):
        result: CheckResult = check(
            function, oracle, make, points=1, groups=groups or CASES, extras=None,
        )  # fmt: skip
    assert result.points < 1
    ids = [result.diagnosis, *result.also] if result.diagnosis else []
    return [str(one).split("relation_")[-1] for one in ids], result.message


def after(change: Callable[[Any], Any]) -> Callable[..., Any]:
    """The right answer, and then a change of its output."""
    return lambda *args, **kwargs: change(scale(*args, **kwargs))
