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
    RemoteObject,
    StudentError,
    is_remote,
    student_error,
)
from autograder.replies import operations_of
from autograder.wall.devices import device_advice
from autograder.wall.frames import Frame
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
class Asked:
    """A call to be observed, and what is looked at beside its value."""

    call: Call
    operations: bool = False  # of torch that it runs
    arguments: bool = False  # which of them it changes
    elsewhere: bool = False  # instead of its value: what would go wrong on a GPU, in words


@dataclass(frozen=True)
class Observation:
    """What a call did: its value or what it raised, and what else was looked at."""

    value: Any = None
    raised: Raised | None = None
    changed: tuple[int | str, ...] = ()  # which arguments: positions and keywords
    operations: tuple[str, ...] = ()
    operation_count: int = 0


def observe(function: Any, asked: Asked, use: Use | None = None) -> Observation:
    """Call ``function`` on copies of the call's arguments.

    An exception of the function is part of the observation. ``use(function, *args)`` replaces the
    plain call where an answer is more than a function. Raises WallFailure when a student's process
    ends.
    """
    (seen,) = observe_all(function, [asked], use)
    return seen


def observe_all(
    function: Any, asked: Sequence[Asked], use: Use | None = None
) -> Iterator[Observation]:
    """The observations of several calls, in their order.

    They cross the wall together where the answer is called as it is, or by a probe. Those behind
    the one that was taken last may have been made already.
    """
    if is_remote(function) and (use is None or isinstance(use, Probe)):
        return _across(function, asked, use)
    return (_observe_here(function, one, use) for one in asked)


def _across(function: Any, asked: Sequence[Asked], use: Probe | None) -> Iterator[Observation]:
    process, done = RemoteObject.process_of(function), 0
    requests = [_request(function, one, use) for one in asked]
    while done < len(asked):
        for reply in process.request_many(requests[done:]):
            yield _told(reply, asked[done], use)
            done += 1


def _request(function: Any, asked: Asked, use: Probe | None) -> tuple[Any, ...]:
    given = function, asked.call.args, asked.call.kwargs
    if asked.elsewhere:
        return "devices", *given
    watched = asked.operations, asked.arguments
    return ("call", *given, *watched) if use is None else (*use.request(*given), *watched)


def _told(reply: dict[str, Any], asked: Asked, use: Probe | None) -> Observation:
    """The observation that a reply tells of."""
    if reply.get("error") is not None:
        return Observation(raised=_raised(student_error(reply["error"])))
    names, count = operations_of(reply)
    changed = _changed(asked.call, reply) if asked.arguments else ()
    value = reply.get("value")
    if use is not None and not asked.elsewhere:
        value = use.read(value, *asked.call.args, **asked.call.kwargs)
    return Observation(value, None, changed, names, count)


def _changed(call: Call, reply: dict[str, Any]) -> tuple[int | str, ...]:
    if "changed" not in reply:
        return ()
    given = reply["changed"]
    if type(given) is tuple and [type(part) for part in given] == [tuple, dict]:
        return _differing(given, call)
    return (*range(len(call.args)), *call.kwargs)


def _differing(given: tuple[tuple[Any, ...], dict[str, Any]], call: Call) -> tuple[int | str, ...]:
    """The arguments that are no longer what the call has given, by place or name.

    Their values count, shapes, dtypes, whether they ask for gradients, the items of containers; not
    how they lie in memory, which nobody sees.
    """
    before: dict[Any, Any] = {**dict(enumerate(call.args)), **call.kwargs}
    now: dict[Any, Any] = {**dict(enumerate(given[0])), **given[1]}
    return tuple(place for place in before if _frozen(now.get(place)) != _frozen(before[place]))


def _frozen(value: Any) -> Frame:
    return freeze(value, layouts=False)


def _observe_here(function: Any, asked: Asked, use: Use | None) -> Observation:
    args, kwargs = copy.deepcopy((asked.call.args, asked.call.kwargs))
    if asked.elsewhere:
        return Observation(device_advice(function, args, kwargs))
    read: Use | None = None
    if isinstance(use, Probe):
        read = use.read
        use = use.function
    watching = _watch(function) if asked.operations else contextlib.nullcontext([])
    value: Any = None
    raised: Raised | None = None
    with watching as operations:
        try:
            value = use(function, *args, **kwargs) if use else function(*args, **kwargs)
        except Exception as error:
            raised = _raised(error)
    if read is not None and raised is None:
        value = read(value, *asked.call.args, **asked.call.kwargs)
    count = len(operations)
    if asked.operations and is_remote(function):
        count = RemoteObject.process_of(function).operation_count
    return Observation(
        value=value,
        raised=raised,
        changed=_differing((args, kwargs), asked.call) if asked.arguments else (),
        operations=tuple(operations),
        operation_count=count,
    )


def _watch(function: Any) -> contextlib.AbstractContextManager[list[str]]:
    if is_remote(function):
        return RemoteObject.process_of(function).watch()
    return watch_operations()


def _raised(error: Exception) -> Raised:
    if isinstance(error, StudentError):
        return Raised(error.kind, error.text, error.traceback_lines, error.out_of_memory)
    return Raised(type(error).__name__, str(error), (), isinstance(error, MemoryError))
