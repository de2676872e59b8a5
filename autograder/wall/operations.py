"""Which torch operations a call runs, whatever name they were called by.

Used to state the rule "build it yourself": an operation is seen where torch dispatches it, so
``F.conv2d``, ``torch.conv2d``, an alias and ``getattr`` look the same. In a student's process this
is best effort, as the rule says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

AUTOGRAD = "autograd"


class _Watch(TorchDispatchMode):
    def __init__(self, seen: list[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if len(self.seen) < 100_000:
            self.seen.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@contextmanager
def watch_operations() -> Iterator[list[str]]:
    """Names of the operations run inside the block, in order; ``autograd`` for a backward pass."""
    seen: list[str] = []
    run_backward = torch.autograd.graph._engine_run_backward

    def noted(*args: Any, **kwargs: Any) -> Any:
        seen.append(AUTOGRAD)
        return run_backward(*args, **kwargs)

    places = [torch.autograd, torch.autograd.graph]
    for place in places:
        place._engine_run_backward = noted  # type: ignore[attr-defined]
    try:
        with _Watch(seen):
            yield seen
    finally:
        for place in places:
            place._engine_run_backward = run_backward  # type: ignore[attr-defined]
