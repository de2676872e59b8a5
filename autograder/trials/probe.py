"""Probes: pieces of a test that run on the answer's side of the wall."""

from __future__ import annotations

import copy
import functools
import marshal
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from autograder.proxy.objects import RemoteObject, is_remote
from autograder.trials.free_names import global_names
from autograder.wall.values import Refused


class Probe:
    """A function of an answer and plain data that runs on the answer's side of the wall.

    The decorator ``probe`` makes it. Models, optimizers and gradients stay on that side; the return
    value of the probe crosses by value. The student's process sees the code of a probe, so a probe
    never holds an expected value. A probe leaves its arguments unchanged, because a check may
    blame changed arguments on the answer.

    ``@look.reading`` adds a reading: a function that turns the raw reply into the compared value.
    It runs on the trusted side, so truth values are made there. A reply may have any shape, so a
    reading never combines two tensors that broadcast to a large one.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.packed = _packed(function)  # its code, which crosses the wall
        self._reading: Callable[..., Any] | None = None

    def reading(self, function: Callable[..., Any]) -> Probe:
        """The same probe with a reading: ``function(raw, *args)`` returns the compared value.

        ``args`` are the arguments of the call, as they were before it.
        """
        found = copy.copy(self)
        found._reading = function
        return found

    def read(self, raw: Any, *args: Any, **kwargs: Any) -> Any:
        """The compared value. If a reading of ``raw`` fails, the value is wrong."""
        if self._reading is None:
            return raw
        try:
            return self._reading(raw, *args, **kwargs)
        except Exception:
            return Refused("not what this test asks for")

    def __call__(self, answer: Any, *args: Any, **kwargs: Any) -> Any:
        if is_remote(answer):
            raw = RemoteObject.process_of(answer).probe(self.packed, answer, args, kwargs)
        else:
            given, named = copy.deepcopy((args, kwargs))  # changes stay in the copies
            raw = self.function(answer, *given, **named)
        return self.read(raw, *args, **kwargs)


def probe(function: Callable[..., Any]) -> Probe:
    """Make a self-contained function a probe; its first parameter is the answer.

    Raises TypeError if it uses a name from outside itself.
    """
    return Probe(function)


@functools.cache  # a test makes its probes anew for each submission
def _check_self_contained(code: CodeType) -> None:
    unknown = sorted(global_names(code))
    if unknown or code.co_freevars:
        names = ", ".join([*unknown, *code.co_freevars])
        raise TypeError(f"the probe {code.co_name} needs {names}: define or import that inside")


def _packed(function: Callable[..., Any]) -> bytes:
    """A function's code and defaults. Raises TypeError if it needs other objects."""
    if not isinstance(function, FunctionType):
        raise TypeError("a probe is made of a plain function")
    _check_self_contained(function.__code__)
    try:
        return marshal.dumps((function.__code__, function.__defaults__, function.__kwdefaults__))
    except ValueError as error:
        raise TypeError(f"the probe {function.__name__} needs plain defaults") from error
