"""The engine's own share of a submission: processor time outside the student's code and the tests.

Clocks on both sides of the wall measure it, because the difference of two large times would be
noise. On the student's side, a first cell puts clocks around each function that parses, compiles
and runs the student's code. The rest of the process's time is the engine's, with its start and end,
but without that first cell and the cells that read the clock. On the grader's side, clocks are
around the tests, without the tests' requests.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from autograder.grading import session
from autograder.grading.session import Sitting
from autograder.grading.test_cell import TestCell
from autograder.proxy.process import StudentProcess
from autograder.results import NotebookResult
from autograder.sandbox.channel import Channel
from autograder.wall.protocol import RunCell

# around each way of a request to the student's code
_CLOCKS = """
def _student_clock():
    import functools, time
    from autograder.student import server
    from autograder.shell.shell import CellShell, CachingCompiler

    def timed(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            began = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                _student_clock.used_s += time.thread_time() - began
        return call

    run = CellShell.run_ast_nodes  # compiles what it runs
    async def timed_run(self, *args, **kwargs):
        began = time.thread_time()
        try:
            return await run(self, *args, **kwargs)
        finally:
            _student_clock.used_s += time.thread_time() - began

    CellShell.run_ast_nodes = timed_run
    for place, names in (
        (CachingCompiler, ("ast_parse",)),
        (server, ("_called", "device_advice")),
        (server.Server, ("_do_get", "_do_set", "_do_item", "_do_iterate", "_do_next",
                           "_do_length", "_do_text")),
    ):
        for name in names:
            setattr(place, name, timed(getattr(place, name)))
    _student_clock.used_s = 0.0

_student_clock()
"""
_NOW = "import time; print(time.thread_time())"


@dataclass
class Clocks:
    """Processor seconds outside the engine: student, tests, and these clocks."""

    others_s: float = 0.0

    def own_s(self, result: NotebookResult) -> float:
        """The engine's own processor seconds of the submission that ended in this result."""
        return result.student_cpu_s + result.grader_cpu_s - self.others_s


@contextlib.contextmanager
def clocks() -> Iterator[Clocks]:
    """Clocks that run while one submission is graded within the block."""
    read = Clocks()
    requests_s = 0.0  # within tests

    def told_by(process: StudentProcess, cell: str) -> str:
        began = time.thread_time()
        printed: str = process.ask(RunCell(cell)).stdout
        read.others_s += time.thread_time() - began
        return printed

    def now_s(process: StudentProcess) -> float:
        return float(told_by(process, _NOW))

    def started(channel: Channel) -> StudentProcess:
        process = StudentProcess(channel)
        before_s = now_s(process)
        told_by(process, _CLOCKS)
        read.others_s += now_s(process) - before_s  # the first cell, and one of these readings
        return process

    def close(sitting: Sitting) -> None:
        process = sitting._process
        if process is not None and process.is_open:
            before_s = now_s(process)
            # four more readings; their code is on the clock already
            read.others_s += 3 * (now_s(process) - before_s)
            read.others_s += float(told_by(process, "print(_student_clock.used_s)"))
        end(sitting)

    def test(cell: TestCell, *args: Any) -> Any:
        nonlocal requests_s
        before, requests_s = requests_s, 0.0
        began = time.thread_time()
        try:
            return run(cell, *args)
        finally:
            read.others_s += time.thread_time() - began - requests_s
            requests_s = before

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any) -> Any:
            nonlocal requests_s
            began = time.thread_time()
            try:
                return method(*args)
            finally:
                requests_s += time.thread_time() - began

        return call

    end, run = Sitting.close, TestCell.run
    with contextlib.ExitStack() as patches:
        for place, name, function in (
            (session, "StudentProcess", started),
            (Sitting, "close", close),
            (TestCell, "run", test),
            (StudentProcess, "ask", timed(StudentProcess.ask)),
            (StudentProcess, "ask_many", timed(StudentProcess.ask_many)),
        ):
            patches.enter_context(mock.patch.object(place, name, function))
        yield read
