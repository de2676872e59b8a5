"""Probes: pieces of a test that run on the answer's side of the wall."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any

from autograder.proxy.objects import RemoteObject, is_remote
from autograder.trials.packing import PackedProbe, check_function, pack
from autograder.wall.values import Refused


class Probe:
    """A function of an answer and plain data that runs on the answer's side of the wall.

    The decorator ``probe`` makes it. Models, optimizers and gradients stay on that side; the return
    value of the probe crosses by value. The student's process sees the code of a probe, so a probe
    never holds an expected value. A probe leaves its arguments unchanged, because a check may
    blame changed arguments on the answer.

    A probe may use names of its module: functions, which cross with it and may use such names too,
    modules, classes and functions of libraries, and constants (numbers, texts, and tuples, lists,
    sets and dictionaries of these), which it leaves unchanged. They are looked up when the probe
    runs, so they may be defined below it. The reference and the grader never cross: using one of
    them is a TypeError.

    ``@look.reading`` adds a reading: a function that turns the raw reply into the compared value.
    It runs on the trusted side, so truth values are made there. A reply may have any shape, so a
    reading never combines two tensors that broadcast to a large one.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, check_function(function))
        self._function = function
        self._packed: PackedProbe | None = None
        self._reading: Callable[..., Any] | None = None

    @property
    def packed(self) -> bytes:
        """The bytes that cross the wall: the probe's code and the functions that it uses.

        Raises TypeError, with the mistake in words, if a name must not or cannot cross.
        """
        if self._packed is None or not self._packed.is_current:
            self._packed = pack(self._function)
        return self._packed.data

    @property
    def function(self) -> Callable[..., Any]:
        """The function, for an answer of this process.

        Raises TypeError like ``packed``, so that a mistake shows with the reference already.
        """
        if self._packed is None:
            self._packed = pack(self._function)
        return self._function

    @property
    def mistake(self) -> str:
        """The mistake that keeps it from crossing the wall, in words; empty if there is none."""
        try:
            pack(self._function)
        except TypeError as error:
            return str(error)
        return ""

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
    """Make a function a probe; its first parameter is the answer.

    Raises TypeError if it is a closure, writes global names or has other defaults than plain data.
    """
    return Probe(function)


def probe_mistakes(names: Mapping[str, Any]) -> list[str]:
    """The mistakes of all probes among the names of a check, once all names are defined."""
    probes = [value for value in names.values() if isinstance(value, Probe)]
    return [mistake for mistake in dict.fromkeys(one.mistake for one in probes) if mistake]
