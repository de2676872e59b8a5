"""A local pool of workers that loses no task when a worker dies or hangs."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Connection, wait
from typing import Any

from autograder.errors import AutograderError
from autograder.grading.notebook import without_verdict
from autograder.results import GRADER_FAILED, Outcome
from autograder.sandbox.affinity import cores_for
from autograder.workers.worker import Graded, Task, Work, serve

_log = logging.getLogger(__name__)
ATTEMPTS = 2
STARTS = 3  # workers that may die during their start; more of them are no accident
STOP_S = 10.0
GRACE_S = 120.0  # seconds for the grader's own work beyond the limit of a submission
_TICK_S = 0.2


@dataclass(frozen=True)
class Loss:
    """A worker that ended or hung (``worker_died``, ``worker_hung``) and its task."""

    event: str
    task: Task | None
    signal: str | None
    duration_s: float  # seconds since its start or since it got the task


@dataclass
class _Slot:
    """One worker process and its task."""

    process: Any
    connection: Connection
    core: int | None
    task: Task | None = None
    ready: bool = False
    since: float = 0.0  # ``time.monotonic()`` seconds of its start or of getting the task
    overdue_at: float = 0.0


class Pool:
    """Worker processes that grade tasks. Use as a context manager.

    Workers are forked, so start the pool before the process has threads. ``on_loss`` is called for
    every worker that ends or hangs.
    """

    def __init__(
        self, work: Work, workers: int, on_loss: Callable[[Loss], None] | None = None
    ) -> None:
        self._work = work
        self._on_loss = on_loss
        self._failed_starts = 0
        self._context = multiprocessing.get_context("fork")
        self._slots = [self._start(core) for core in cores_for(max(1, workers))]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exc: object) -> None:
        for slot in self._slots:
            if slot.ready and slot.task is None:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    slot.connection.send(None)
            else:
                slot.process.kill()
        for slot in self._slots:
            slot.process.join(STOP_S)
            if slot.process.is_alive():
                slot.process.kill()
                slot.process.join()
            slot.connection.close()

    def grade(
        self, tasks: Iterable[Task], on_tick: Callable[[list[Task]], None] | None = None
    ) -> Iterator[tuple[Task, Graded]]:
        """Results in the order in which they finish; ``on_tick`` receives the tasks in work.

        If a worker dies, its task is tried once more on a new worker, and then gets a
        ``grader_error``. A task that hangs a worker gets a ``grader_error`` at once: a submission
        cannot cause this, so the fault is the grader's. Tasks are taken from the iterable one at a
        time, as workers become free. If a worker cannot start, its AutograderError is raised, such
        as SandboxUnavailable.
        """
        source = iter(tasks)
        waiting: Task | None = next(source, None)
        attempts: dict[tuple[str, str], int] = {}
        while waiting is not None or any(slot.task is not None for slot in self._slots):
            for slot in self._slots:
                if slot.ready and slot.task is None and waiting is not None:
                    self._send(slot, waiting)
                    waiting = next(source, None)
            if on_tick is not None:
                on_tick([slot.task for slot in self._slots if slot.task is not None])
            for slot in self._slots:
                if (overdue := slot.task) is not None and time.monotonic() > slot.overdue_at:
                    self._replace(slot, "worker_hung")
                    yield overdue, self._lost(overdue, "a worker process hung")
            for ready in wait([slot.connection for slot in self._slots], timeout=_TICK_S):
                slot = next(slot for slot in self._slots if slot.connection is ready)
                task = slot.task
                try:
                    message = slot.connection.recv()
                except (EOFError, OSError):  # OSError: it was killed in the middle of a message
                    if not slot.ready:
                        self._failed_starts += 1
                        if self._failed_starts >= STARTS:
                            raise AutograderError("a worker died before it was ready") from None
                    self._replace(slot, "worker_died")
                    if task is not None:
                        key = task.student, task.notebook
                        attempts[key] = attempts.get(key, 0) + 1
                        if attempts[key] < ATTEMPTS:
                            source = chain([task], [waiting] if waiting is not None else [], source)
                            waiting = next(source, None)
                        else:
                            yield task, self._lost(task, f"a worker process died {ATTEMPTS} times")
                    continue
                if isinstance(message, AutograderError):
                    raise message
                if isinstance(message, Graded) and task is not None:
                    slot.task = None
                    yield task, message
                else:
                    slot.ready = True
                    _log.info("worker %s is ready", slot.process.pid)

    def _start(self, core: int | None) -> _Slot:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(self._work, theirs, core), daemon=True)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:  # the fork gets no Ctrl-C before it ignores them
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        where = "any core" if core is None else f"core {core}"
        _log.info("started worker %s on %s", process.pid, where)
        return _Slot(process, ours, core, since=time.monotonic())

    def _send(self, slot: _Slot, task: Task) -> None:
        slot.task, slot.since = task, time.monotonic()
        # a worker grades a notebook again if its first try ended in an error of the grader
        slot.overdue_at = slot.since + 2 * self._work.settings.submission_s + GRACE_S
        try:
            slot.connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the worker is gone; reading from it will show that

    def _replace(self, slot: _Slot, event: str) -> None:
        slot.connection.close()
        slot.process.kill()
        slot.process.join()
        what = event.replace("_", " ")
        _log.info("%s: process %s, exit code %s", what, slot.process.pid, slot.process.exitcode)
        if self._on_loss is not None:
            code = slot.process.exitcode
            name = signal.Signals(-code).name if code is not None and code < 0 else None
            self._on_loss(Loss(event, slot.task, name, time.monotonic() - slot.since))
        fresh = self._start(slot.core)
        slot.process, slot.connection, slot.since = fresh.process, fresh.connection, fresh.since
        slot.task, slot.ready = None, False

    def _lost(self, task: Task, what: str) -> Graded:
        bundle = next(b for b in self._work.bundles if b.name == task.notebook)
        log = f"{what} while it graded this"
        return Graded(
            without_verdict(bundle, task.student, Outcome.GRADER_ERROR, GRADER_FAILED, log)
        )
