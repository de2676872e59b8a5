"""How many steps of Python a call needs: bytecode instructions, in every function that it runs.

Loops that have no bytecode of their own (``map``, ``functools.reduce`` and their kind) are replaced
by loops of Python as long as the call lasts, so that their steps count as well.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

MOST = 200_000  # more are not counted
_ENGINE = str(Path(__file__).parents[1])
# Printing, drawing and logging compute nothing, so a forgotten print costs no points.
_SHOWS = re.compile(
    r".*/(?:matplotlib|PIL|tqdm|logging|IPython)/|.*/torch/_tensor_str\.py|.*/numpy/.*/arrayprint\.py"
)
_MISSING = object()


class Steps:
    """The number of steps between ``start`` and ``stop``, in this thread and those it starts."""

    def __init__(self) -> None:
        self.count = 0
        self.was_replaced = False  # by another trace function
        self._before: Any = None
        self._before_threads: Any = None
        self._originals: list[tuple[Any, str, Any]] = []
        self._showing = threading.local()  # how many calls that only show are under way

    def start(self) -> None:
        """Count from now on; a trace function that was there is put back by ``stop``."""
        for place, name, loop in _LOOPS:
            self._originals.append((place, name, getattr(place, name)))
            setattr(place, name, loop)
        self._before, self._before_threads = sys.gettrace(), threading.gettrace()
        self._mine = self._enter
        threading.settrace(self._mine)
        sys.settrace(self._mine)

    def stop(self) -> None:
        """Count no more."""
        self.was_replaced = sys.gettrace() is not self._mine and self.count <= MOST
        sys.settrace(self._before)
        threading.settrace(self._before_threads)
        for place, name, original in self._originals:
            setattr(place, name, original)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file.startswith(_ENGINE) and frame.f_code not in _COUNTED:
            return None
        if _only_shows(file):
            self._showing.calls = getattr(self._showing, "calls", 0) + 1
            frame.f_trace_lines = False
            return self._shown
        if getattr(self._showing, "calls", 0):
            return None
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        return self._step

    def _shown(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "return":  # also on an exception, and where a generator yields
            self._showing.calls -= 1
        return self._shown

    def _step(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            self.count += 1
            if self.count > MOST:
                frame.f_trace_opcodes = False
                sys.settrace(None)
                return None
        return self._step


@functools.lru_cache(maxsize=10_000)
def _only_shows(file: str) -> bool:
    return _SHOWS.match(file) is not None


# -- loops in Python --------------------------------------------------------------------------


def _map(function: Callable[..., Any], *many: Iterable[Any]) -> Iterator[Any]:
    for items in zip(*many):  # noqa: B905 # as map does
        yield function(*items)


def _filter(function: Callable[..., Any] | None, many: Iterable[Any]) -> Iterator[Any]:
    for item in many:
        if function(item) if function is not None else item:
            yield item


def _reduce(function: Callable[..., Any], many: Iterable[Any], initial: Any = _MISSING) -> Any:
    rest = iter(many)
    if initial is _MISSING:
        try:
            initial = next(rest)
        except StopIteration:
            raise TypeError("reduce() of empty iterable with no initial value") from None
    for item in rest:
        initial = function(initial, item)
    return initial


def _starmap(function: Callable[..., Any], many: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for items in many:
        yield function(*items)


def _accumulate(many: Iterable[Any], func: Any = None, *, initial: Any = None) -> Iterator[Any]:
    total = _MISSING if initial is None else initial
    if initial is not None:
        yield initial
    for item in many:
        if total is _MISSING:
            total = item
        else:
            total = total + item if func is None else func(total, item)
        yield total


_LOOPS: tuple[tuple[Any, str, Any], ...] = (
    (builtins, "map", _map),
    (builtins, "filter", _filter),
    (functools, "reduce", _reduce),
    (itertools, "starmap", _starmap),
    (itertools, "accumulate", _accumulate),
)
_COUNTED = frozenset(loop.__code__ for _, _, loop in _LOOPS)
