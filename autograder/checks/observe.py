"""Call an answer, here or across the wall, and keep everything that can be compared."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.checks.case import Call
from autograder.checks.probe import Probe
from autograder.remote import (
    MAX_LINE,
    RemoteObject,
    StudentError,
    as_text,
    is_remote,
    student_error,
)
from autograder.replies import apply_changes, operations_of
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
    (seen,) = observe_all(function, [(call, watch)], use)
    return seen


def observe_all(
    function: Any, calls: Sequence[tuple[Call, bool]], use: Use | None = None
) -> Iterator[Observation]:
    """The observations of several calls, each with whether to watch it, in their order.

    They cross the wall together where the answer is called as it is, or by a probe. Those behind
    the one that was taken last may have been made already.
    """
    if is_remote(function) and use is None:
        requests = [(function, call.args, call.kwargs, watch) for call, watch in calls]
        return _across(function, calls, "call", requests)
    if is_remote(function) and isinstance(use, Probe):
        requests = [use.request(function, call.args, call.kwargs, watch) for call, watch in calls]
        return _across(function, calls, "probe", requests)
    return (_observe_here(function, call, use, watch) for call, watch in calls)


def _across(
    function: Any,
    calls: Sequence[tuple[Call, bool]],
    operation: str,
    requests: Sequence[tuple[Any, ...]],
) -> Iterator[Observation]:
    process, done = RemoteObject.process_of(function), 0
    while done < len(calls):
        for reply in process.request_many(operation, requests[done:]):
            yield _told(reply, calls[done][0])
            done += 1


def _told(reply: dict[str, Any], call: Call) -> Observation:
    """The observation that a reply tells of."""
    if reply.get("error") is not None:
        return Observation(raised=_raised(student_error(reply["error"])))
    names, count = operations_of(reply)
    return Observation(reply.get("value"), None, _changed(call, reply), names, count)


def _changed(call: Call, reply: dict[str, Any]) -> bool:
    if "changed" not in reply:
        return False
    copies = copy.deepcopy((call.args, call.kwargs))
    try:
        apply_changes(copies, reply)
    except Exception:  # of what cannot have become of them
        return True
    return freeze(copies) != freeze((call.args, call.kwargs))


def _observe_here(function: Any, call: Call, use: Use | None, watch: bool) -> Observation:
    args, kwargs = copy.deepcopy((call.args, call.kwargs))
    watching = _watch(function) if watch else contextlib.nullcontext([])
    value: Any = None
    raised: Raised | None = None
    with watching as operations:
        try:
            value = use(function, *args, **kwargs) if use else function(*args, **kwargs)
        except Exception as error:
            raised = _raised(error)
    count = len(operations)
    if watch and is_remote(function):
        count = RemoteObject.process_of(function).operation_count
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
