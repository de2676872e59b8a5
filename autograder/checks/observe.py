"""Call an answer, here or across the wall, and keep everything that can be compared."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.checks.case import Call
from autograder.remote import MAX_LINE, RemoteObject, StudentError, as_text, is_remote
from autograder.wall.devices import device_advice
from autograder.wall.operations import watch_operations
from autograder.wall.values import freeze

Use = Callable[..., Any]


@dataclass(frozen=True)
class Raised:
    """The exception that a call ended with."""

    kind: str
    text: str
    traceback_lines: tuple[str, ...] = ()
    out_of_memory: bool = False

    @property
    def not_written(self) -> bool:
        return self.kind == "NotImplementedError"


@dataclass(frozen=True)
class Observation:
    """What a call did: its value or what it raised, and whether its arguments changed."""

    value: Any = None
    raised: Raised | None = None
    changed: bool = False
    operations: tuple[str, ...] = ()
    operation_count: int = 0


def observe(function: Any, call: Call, use: Use | None = None, watch: bool = False) -> Observation:
    """Call ``function`` on copies of the call's arguments.

    An exception of the function is part of the observation. ``use(function, *args)`` replaces the
    plain call where an answer is more than a function. With ``watch``, the torch operations are
    listed. Raises WallFailure when a student's process ends.
    """
    args, kwargs = copy.deepcopy((call.args, call.kwargs))
    watching = _watch(function) if watch else contextlib.nullcontext([])
    value: Any = None
    raised: Raised | None = None
    with watching as operations:
        try:
            value = use(function, *args, **kwargs) if use else function(*args, **kwargs)
        except Exception as error:
            raised = _raised(error)
    remote = is_remote(function)
    count = RemoteObject.process_of(function).operation_count if remote else len(operations)
    return Observation(
        value=value,
        raised=raised,
        changed=freeze((args, kwargs)) != freeze((call.args, call.kwargs)),
        operations=tuple(operations),
        operation_count=count,
    )


def advice(function: Any, call: Call) -> str:
    """What would go wrong with this call on a GPU, in words; empty if nothing."""
    args, kwargs = copy.deepcopy((call.args, call.kwargs))
    if not is_remote(function):
        return device_advice(function, args, kwargs)
    try:
        reply = RemoteObject.process_of(function).request("devices", function, args, kwargs)
    except StudentError:  # that side fails at what no honest one fails at
        return ""
    return as_text(reply.get("value"), MAX_LINE)


def _watch(function: Any) -> contextlib.AbstractContextManager[list[str]]:
    if is_remote(function):
        return RemoteObject.process_of(function).watch()
    return watch_operations()


def _raised(error: Exception) -> Raised:
    if isinstance(error, StudentError):
        return Raised(error.kind, error.text, error.traceback_lines, error.out_of_memory)
    return Raised(type(error).__name__, str(error), (), isinstance(error, MemoryError))
