"""Records the operations that torch runs, in every mode and thread, where they are dispatched.

torch's profiler hears of an operation before any mode, transform or excluded key decides who
computes it. Backward nodes are recorded too, also if the answer calls them directly.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import threading
from types import FrameType
from typing import Any

import torch
from torch._C._profiler import (
    ProfilerActivity,
    ProfilerConfig,
    ProfilerState,
    _ExperimentalConfig,
    _RecordFunctionFast,
)

from autograder.torch_watch.frames import is_answers, is_engines

BACKWARD_NODE = "grad_fn"
_BACKWARD = 1  # a scope of recorded functions
_SCOPES = (0, _BACKWARD)  # of operations; the student's labels have another scope
_QUIET = 20_000  # operations after which, if none was new, most are not listened to
_LISTENS = 0.1  # the share of time in which it listens then
_DRAIN_S = 0.02  # of processor time: a long call needs no more memory than a short one
_DICE = random.Random()  # not the answer's generator
_native: Any = torch._C._autograd


class Recorder:
    """Names of operations and backward nodes, each once, and how many calls reached torch."""

    def __init__(self, counts: bool = False) -> None:
        self.names: dict[str, None] = {}
        self.counts = counts
        self.count = 0  # operations that no other operation called
        self.was_stopped = False  # by somebody else
        self._mark = f"the end {secrets.token_hex(8)}"
        self._is_on = False
        self._since_new = 0  # operations heard since the last new name
        self._has_timer = False
        self._before: Any = None

    def start(self) -> bool:
        """Record from now on; False where torch has no such profiler, or no thread for it."""
        if not _native.kineto_available():
            return False
        os.environ.setdefault(
            "KINETO_LOG_LEVEL", "99"
        )  # otherwise kineto writes a line for every call
        with contextlib.suppress(RuntimeError):
            if _native._profiler_enabled():  # by the answer
                _native._disable_profiler()
        self._begin()
        if not self._is_on:
            return False
        with contextlib.suppress(ValueError):  # only a main thread gets signals
            self._before = signal.signal(signal.SIGVTALRM, self._drain)
            self._has_timer = True
            signal.setitimer(signal.ITIMER_VIRTUAL, _DRAIN_S)
        return True

    def stop(self) -> None:
        """Record no more."""
        if self._has_timer:
            self._has_timer = False  # a signal that comes in between must not set it again
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, self._before)
        self._end()

    def _drain(self, number: int, frame: FrameType | None) -> None:
        if not self._has_timer:
            return
        if _is_alone() and _is_between_operations(frame):
            self._end()
            if self._since_new < _QUIET or _DICE.random() < _LISTENS:
                self._begin()
            else:
                self._is_on = False
        signal.setitimer(signal.ITIMER_VIRTUAL, _DRAIN_S)

    def _begin(self) -> None:
        config = ProfilerConfig(
            ProfilerState.KINETO, False, False, False, False, False,
            _ExperimentalConfig(profile_all_threads=True),
        )  # fmt: skip
        self._is_on = False
        with contextlib.suppress(RuntimeError):
            _native._prepare_profiler(config, {ProfilerActivity.CPU})
            _native._enable_profiler(config, {ProfilerActivity.CPU})
            self._is_on = True

    def _end(self) -> None:
        if not self._is_on:
            return  # the recording could not be started again
        with _RecordFunctionFast(self._mark):
            pass  # if this was not recorded, somebody stopped the recording
        try:
            events = _native._disable_profiler().events()
        except RuntimeError:
            events = []
        if not any(event.name() == self._mark for event in events):
            self.was_stopped = True
        self._take([event for event in events if event.scope() in _SCOPES])

    def _take(self, events: list[Any]) -> None:
        before = len(self.names)
        for name in dict.fromkeys(event.name() for event in events):
            if "::" in name and not name.startswith("autograd::"):
                self.names.setdefault(name)
        self._since_new = 0 if len(self.names) > before else self._since_new + len(events)
        if BACKWARD_NODE not in self.names:
            if any(event.scope() == _BACKWARD for event in events):
                self.names.setdefault(BACKWARD_NODE)
        if self.counts:
            self._count(events)

    def _count(self, events: list[Any]) -> None:
        ends: dict[int, int] = {}  # thread -> end of its last outermost operation, ns
        for start, event in sorted(((event.start_ns(), event) for event in events), key=_first):
            thread = event.start_thread_id()
            if start >= ends.get(thread, 0) and event.name().startswith("aten::"):
                self.count += 1
                ends[thread] = start + event.duration_ns()


def _is_alone() -> bool:
    """Whether no other thread can be in the middle of an operation: a progress bar's never is."""
    mine = threading.current_thread()
    others = (thread for thread in threading.enumerate() if thread is not mine)
    return all(type(thread).__module__.partition(".")[0] == "tqdm" for thread in others)


def _is_between_operations(frame: FrameType | None) -> bool:
    """Whether the answer's own code was interrupted, called from nowhere but its own code.

    An operation that began before the recording was drained must not end after it: torch would
    write to memory that is gone. Operations that call Python do so through a library.
    """
    while frame is not None and is_engines(frame):  # a profile function was interrupted
        frame = frame.f_back
    while frame is not None and not is_engines(frame):
        if not is_answers(frame):
            return False
        frame = frame.f_back
    return True


def _first(pair: tuple[int, Any]) -> int:
    return pair[0]
