"""Call an answer, here or across the wall, and keep its value and side effects."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.proxy.errors import StudentError, student_error
from autograder.proxy.objects import RemoteObject, is_remote
from autograder.torch_watch.meta_device import device_advice
from autograder.torch_watch.operations import watch_operations
from autograder.trials.cases import Call, Style
from autograder.trials.compare import Difference
from autograder.trials.probe import Probe
from autograder.wall import protocol
from autograder.wall.encoder import freeze
from autograder.wall.frames import Frame
from autograder.wall.messages import ErrorReport, Request
from autograder.wall.protocol import Advice, AdviseOnDevices, Called, RunProbe, Seen
from autograder.wall.untrusted import ABSENT

Use = Callable[..., Any]
_NOT_WATCHED = Seen()


@dataclass(frozen=True)
class Raised:
    """The exception that ended a call."""

    kind: str
    text: str
    traceback_lines: tuple[str, ...] = ()
    out_of_memory: bool = False
    missing_name: str = ""  # the name that was not defined

    @property
    def not_written(self) -> bool:
        """Whether the stub raised it; PyTorch raises the same for a dtype that it cannot handle."""
        return self.kind == "NotImplementedError" and " not implemented for '" not in self.text


@dataclass(frozen=True)
class Asked:
    """A call, and the side effects to observe beside its value."""

    call: Call
    operations: bool = False  # the names of the operations that it runs
    count: bool = False  # the numbers of torch operations and Python steps
    arguments: bool = False  # the arguments that it changes
    elsewhere: bool = False  # advice about other devices, in place of the value


@dataclass(frozen=True)
class Observation:
    """The value or the exception of a call, and its observed side effects."""

    value: Any = None
    raised: Raised | None = None
    changed: tuple[int | str, ...] = ()  # changed arguments: positions and keywords
    ran: Seen = field(default_factory=Seen)


@dataclass(frozen=True)
class Trial:
    """One case, tried. ``difference`` is None if the answer was right.

    ``seconds`` is the time that the expected value took.
    """

    sizes: dict[str, int]
    style: Style
    call: Call
    expected: object
    got: Observation
    difference: Difference | None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.difference is None

    @property
    def numbers(self) -> int:
        """The number of elements of all tensors among the arguments."""
        return _numbers((*self.call.args, *self.call.kwargs.values()))


def _numbers(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, (tuple, list)):
        return sum(map(_numbers, value))
    return sum(map(_numbers, value.values())) if isinstance(value, dict) else 0


def observe(function: Any, asked: Asked, use: Use | None = None) -> Observation:
    """Call ``function`` on copies of the call's arguments.

    An exception of the function is part of the observation. ``use(function, *args)`` replaces the
    plain call, for example for a class. Raises WallFailure if the student's process ends.
    """
    (seen,) = observe_all(function, [asked], use)
    return seen


def observe_all(
    function: Any, asked: Sequence[Asked], use: Use | None = None
) -> Iterator[Observation]:
    """The observations of several calls, in their order.

    Plain calls and probes cross the wall together. Calls after the last consumed observation may
    have run already.
    """
    if is_remote(function) and (use is None or isinstance(use, Probe)):
        return _across(function, asked, use)
    return (_observe_here(function, one, use) for one in asked)


def _across(function: Any, asked: Sequence[Asked], use: Probe | None) -> Iterator[Observation]:
    process, done = RemoteObject.process_of(function), 0
    requests = [_request(function, one, use) for one in asked]
    while done < len(asked):
        for answer in process.ask_many(requests[done:]):
            yield _told(answer, asked[done], use)
            done += 1


def _request(function: Any, asked: Asked, use: Probe | None) -> Request[Any]:
    given = function, asked.call.args, asked.call.kwargs
    if asked.elsewhere:
        return AdviseOnDevices(*given)
    watch, compare, count = asked.operations, asked.arguments, asked.count
    if use is None:
        return protocol.Call(*given, watch=watch, compare=compare, count=count)
    return RunProbe(use.packed, *given, watch=watch, compare=compare, count=count)


def _told(answer: Called | Advice | ErrorReport, asked: Asked, use: Probe | None) -> Observation:
    """The observation in a reply."""
    if isinstance(answer, ErrorReport):
        return Observation(raised=_raised(student_error(answer)))
    if isinstance(answer, Advice):
        return Observation(answer.value)
    changed = _changed(asked.call, answer) if asked.arguments else ()
    value = answer.value
    if use is not None:
        value = use.read(value, *asked.call.args, **asked.call.kwargs)
    return Observation(value, None, changed, answer.seen if asked.operations else _NOT_WATCHED)


def _changed(call: Call, answer: Called) -> tuple[int | str, ...]:
    given = answer.changed
    if given is ABSENT:
        return ()
    if type(given) is tuple and [type(part) for part in given] == [tuple, dict]:
        return _differing(given, call)
    return (*range(len(call.args)), *call.kwargs)


def _differing(given: tuple[tuple[Any, ...], dict[str, Any]], call: Call) -> tuple[int | str, ...]:
    """The positions or names of arguments that a call has changed.

    Values, shapes, dtypes, ``requires_grad`` and items of containers count. The memory layout does
    not count.
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
    if not asked.operations:
        (value, raised), ran = _outcome(function, use, args, kwargs), Seen()
    elif is_remote(function):
        process = RemoteObject.process_of(function)
        with process.watch(asked.count):
            value, raised = _outcome(function, use, args, kwargs)
            ran = process.seen or Seen()
    else:
        with watch_operations(asked.count) as watched:
            value, raised = _outcome(function, use, args, kwargs)
        ran = Seen(tuple(watched.names()), watched.count, watched.steps)
    if read is not None and raised is None:
        value = read(value, *asked.call.args, **asked.call.kwargs)
    return Observation(
        value=value,
        raised=raised,
        changed=_differing((args, kwargs), asked.call) if asked.arguments else (),
        ran=ran,
    )


def _outcome(
    function: Any, use: Use | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Raised | None]:
    try:
        return (use(function, *args, **kwargs) if use else function(*args, **kwargs)), None
    except Exception as error:
        return None, _raised(error)


def _raised(error: Exception) -> Raised:
    if isinstance(error, StudentError):
        lines, missing = error.traceback_lines, error.missing_name
        return Raised(error.kind, error.text, lines, error.out_of_memory, missing)
    kind, name = type(error).__name__, getattr(error, "name", None)
    missing = name if isinstance(error, NameError) and isinstance(name, str) else ""
    return Raised(kind, str(error), (), isinstance(error, MemoryError), missing)
