"""The log of a run for operators: JSON lines, one for each notebook and event.

The file is ``.autograder/log/RUN_ID.jsonl``. Every line has all keys; a key without a value is null:

| key | value |
|---|---|
| ``run_id`` | the run, also the name of the file: its start time and six random digits |
| ``time`` | the time of the line, UTC, ISO 8601 |
| ``event`` | ``run_started``, ``notebook`` (a notebook was graded), ``limit`` (a process reached a limit), ``process_ended`` (a student's process ended early without a limit), ``worker_died``, ``worker_hung``, ``run_finished`` |
| ``student``, ``notebook`` | the student and the notebook |
| ``stage`` | the place: ``run``, ``worker``, ``notebook``, ``cell 3`` (by position) or a test's grade_id |
| ``outcome`` | the outcome of the notebook or of the event; for a run ``done`` or the name of the error that ended it |
| ``limit`` | the setting that ran out: ``cell_s``, ``submission_s``, ``cpu_s``, ``memory_mb`` or ``processes``. The kernel enforces ``threads`` and ``scratch_mb`` itself: the student's code sees them as errors |
| ``signal`` | the name of the signal that ended the process |
| ``duration_s``, ``cpu_s`` | wall-clock and processor seconds (the student's and the grader's together) |
"""  # noqa: E501

from __future__ import annotations

import errno
import json
import os
import secrets
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from autograder.atomic_write import disk_error
from autograder.course.layout import Course
from autograder.errors import DiskError
from autograder.results import NotebookResult
from autograder.workers.pool import Loss


class RunLog:
    """Writes the log of one run, one line at a time. Use as a context manager around the run."""

    def __init__(self, course: Course) -> None:
        now = datetime.now(UTC)
        self.run_id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.path = course.state / "log" / f"{self.run_id}.jsonl"
        self._started = time.monotonic()

    def __enter__(self) -> RunLog:
        self._write("run_started", "run")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        outcome = "done" if kind is None else kind.__name__
        duration = time.monotonic() - self._started
        try:
            self._write("run_finished", "run", outcome=outcome, duration_s=duration)
        except DiskError:
            if error is None:
                raise

    def graded(self, result: NotebookResult) -> None:
        """A line on a notebook, after a line on each of its processes that ended early."""
        of = result.student, result.notebook
        for stop in result.stops:
            self._write(
                "process_ended" if stop.limit is None else "limit",
                stop.stage,
                of,
                outcome=stop.outcome.value,
                limit=stop.limit,
                signal=stop.signal,
            )
        self._write(
            "notebook",
            "notebook",
            of,
            outcome=result.outcome.value,
            limit=next((stop.limit for stop in result.stops if stop.limit), None),
            signal=next((stop.signal for stop in result.stops if stop.signal), None),
            duration_s=result.seconds,
            cpu_s=result.student_cpu_s + result.grader_cpu_s,
        )

    def lost(self, loss: Loss) -> None:
        """A line on a worker that ended or hung."""
        self._write(
            loss.event,
            "worker",
            (loss.task.student, loss.task.notebook) if loss.task is not None else None,
            signal=loss.signal,
            duration_s=loss.duration_s,
        )

    def _write(
        self,
        event: str,
        stage: str,
        of: tuple[str, str] | None = None,
        *,
        outcome: str | None = None,
        limit: str | None = None,
        signal: str | None = None,
        duration_s: float | None = None,
        cpu_s: float | None = None,
    ) -> None:
        line: dict[str, Any] = {
            "run_id": self.run_id,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "student": of and of[0],
            "notebook": of and of[1],
            "stage": stage,
            "outcome": outcome,
            "limit": limit,
            "signal": signal,
            "duration_s": None if duration_s is None else round(duration_s, 3),
            "cpu_s": None if cpu_s is None else round(cpu_s, 3),
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            log = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                before = os.fstat(log).st_size
                data = (json.dumps(line) + "\n").encode()
                if os.write(log, data) < len(data):  # the disk is full: leave no half line
                    os.ftruncate(log, before)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            finally:
                os.close(log)
        except OSError as error:
            raise disk_error(error, self.path) from error
