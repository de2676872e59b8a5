"""Watches a call: torch's operations, libraries' functions, and tricks that would hide them.

Used to state the rule "build it yourself". Two observers look at one call and do not depend
on each other: torch's profiler (``recorder``) and Python's profiler (``calls``). An operation looks
the same whether ``F.conv2d``, ``torch.conv2d``, an alias or ``getattr`` ran it, in every mode and
thread. In a student's process all of this is best effort.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import (
    TorchDispatchMode,
    _get_current_dispatch_mode,
)

from autograder.torch_watch.calls import Calls
from autograder.torch_watch.families import Family, family_of_call, family_of_operation
from autograder.torch_watch.frames import own_threads
from autograder.torch_watch.recorder import BACKWARD_NODE, Recorder
from autograder.torch_watch.steps import Steps

AUTOGRAD = "autograd"
_MOST_NAMES = 8  # of one family that are told
_watched: list[Watched] = []  # the calls that are watched, one inside the other


class Watched:
    """The findings of a watched call."""

    def __init__(self, counts: bool) -> None:
        self.operations: dict[str, None] = {}
        self.calls = Calls()
        self.recorder = Recorder(counts)
        self.counter = Steps() if counts else None
        self.dispatched = 0

    @property
    def count(self) -> int:
        """How many operations of torch ran."""
        return max(self.dispatched, self.recorder.count)

    @property
    def steps(self) -> int:
        """How many steps of Python ran; 0 where nobody asked for it."""
        return self.counter.count if self.counter else 0

    def names(self) -> list[str]:
        """Everything that belongs to a family, as ``family_of`` reads it; some of each family."""
        kept: list[str] = []
        counts: dict[Family, int] = {}
        for name in [*self.operations, *self.recorder.names, *self.calls.found]:
            family = family_of(name)
            if family is not None and name not in kept:
                counts[family] = counts.get(family, 0) + 1
                if counts[family] <= _MOST_NAMES:
                    kept.append(name)
        return kept


def family_of(name: str) -> Family | None:
    """The family of a name that ``Watched.names`` told."""
    if name in (AUTOGRAD, BACKWARD_NODE):
        return Family.AUTOGRAD
    kind, space, rest = name.partition(" ")
    if not space:
        return family_of_operation(name)
    if kind == "hides":
        return Family.HIDING
    return family_of_call(rest) if kind == "call" else None


class _Mode(TorchDispatchMode):
    """Hears of operations where torch has no profiler."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.watched = watched

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.watched.dispatched += 1
        self.watched.operations.setdefault(func.name())
        return func(*args, **(kwargs or {}))


@contextmanager
def watch_operations(counts: bool = False) -> Iterator[Watched]:
    """Watch the calls inside the block; ``counts`` asks for the numbers of operations and steps."""
    watched = Watched(counts)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_autograd_noted(watched))
        stack.enter_context(_not_compiled())
        # There is one recorder, and torch crashes where a thread computes while it is stopped.
        if _watched or own_threads() or not watched.recorder.start():
            stack.enter_context(_dispatched(watched))
        else:
            stack.callback(_stop_recording, watched)
        _watched.append(watched)
        stack.callback(_watched.remove, watched)
        watched.calls.start()
        stack.callback(watched.calls.stop)
        if watched.counter:
            stack.enter_context(_short_texts())
            watched.counter.start()
            stack.callback(_stop_counting, watched, watched.counter)
        yield watched


def _stop_counting(watched: Watched, counter: Steps) -> None:
    counter.stop()
    if counter.was_replaced:
        watched.calls.hides("sys.settrace")


def prepare_to_watch() -> None:
    """Do the imports of watching, in a process that will be forked.

    torch's profiler is left alone: it starts a thread, without which a forked process cannot exit.
    """
    watched = Watched(counts=True)
    with _not_compiled(), _autograd_noted(watched):
        watched.calls.start()
        torch.zeros(1)
        watched.calls.stop()
    steps = Steps()
    steps.start()
    steps.stop()


def _stop_recording(watched: Watched) -> None:
    watched.recorder.stop()
    if watched.recorder.was_stopped:
        watched.calls.hides("torch.profiler, stopped")


@contextmanager
def _dispatched(watched: Watched) -> Iterator[None]:
    mode = _Mode(watched)
    mode.__enter__()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if _get_current_dispatch_mode() is mode:
            mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]
        else:
            watched.calls.hides("torch.utils._python_dispatch._pop_mode")


@contextmanager
def _autograd_noted(watched: Watched) -> Iterator[None]:
    run_backward = torch.autograd.graph._engine_run_backward

    def noted(*args: Any, **kwargs: Any) -> Any:
        watched.operations.setdefault(AUTOGRAD)
        return run_backward(*args, **kwargs)

    places = [torch.autograd, torch.autograd.graph]
    for place in places:
        place._engine_run_backward = noted  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for place in places:
            place._engine_run_backward = run_backward  # type: ignore[attr-defined]


@contextmanager
def _short_texts() -> Iterator[None]:
    """Within it, a tensor's text does not hold its values: to write them takes many operations."""
    original = torch._tensor_str._str

    def short(tensor: torch.Tensor, *, tensor_contents: str | None = None) -> str:
        return f"tensor(..., size={tuple(tensor.shape)}, dtype={tensor.dtype})"

    torch._tensor_str._str = short
    try:
        yield
    finally:
        torch._tensor_str._str = original


def _not_compiled() -> contextlib.AbstractContextManager[Any]:
    """Within it, compiled functions run as they were written, operation by operation."""
    if "torch._dynamo" not in sys.modules:
        return contextlib.nullcontext()
    stance: contextlib.AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return stance
