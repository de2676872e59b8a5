"""A grading worker: a trusted process with a fork server of its own, one submission at a time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import traceback
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from autograder.course.settings import Settings
from autograder.course.source import NotebookBundle
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook, read_submission, unreadable, without_verdict
from autograder.results import GRADER_FAILED, NotebookResult, Outcome
from autograder.sandbox.launcher import ForkServer
from autograder.sandbox.prctl import die_with_parent


@dataclass(frozen=True)
class Task:
    """One notebook of one student, to be graded."""

    student: str
    notebook: str
    file_name: str
    data: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """What every worker needs to know; the same for all tasks of a run."""

    course_root: Path
    settings: Settings
    sandbox: str
    bundles: tuple[NotebookBundle, ...]
    secret: bytes


class Worker:
    """Grades tasks; restarts its fork server when that is lost."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._trusted = {
            bundle.name: TrustedNotebook.load(bundle, work.course_root) for bundle in work.bundles
        }
        self._server = ForkServer(work.settings, work.sandbox)
        self._server.start()

    def close(self) -> None:
        """End the fork server and everything under it."""
        self._server.stop()

    def grade(self, task: Task) -> NotebookResult:
        """The result of one task; whatever goes wrong on our side becomes a ``grader_error``."""
        trusted = self._trusted[task.notebook]
        try:
            submission = read_submission(task.data, trusted.bundle, task.files, task.notes)
            return grade_notebook(
                self._server, trusted, submission, task.student, self._work.secret
            )
        except UnreadableSubmission as error:
            return unreadable(trusted.bundle, task.student, error, task.file_name)
        except Exception:
            log = traceback.format_exc()
            return without_verdict(
                trusted.bundle, task.student, Outcome.GRADER_ERROR, GRADER_FAILED, log
            )

    def renew(self) -> None:
        """Start another fork server in place of one that may be damaged."""
        self._server.stop()
        self._server = ForkServer(self._work.settings, self._work.sandbox)
        self._server.start()


def _deserves_another_try(result: NotebookResult) -> bool:
    """Whether we failed, or somebody killed what the student's code ran in."""
    by_us = result.outcome is Outcome.GRADER_ERROR
    return by_us or any(stop.from_outside for stop in result.stops)


def serve(work: Work, connection: Connection, core: int | None) -> None:
    """The life of a worker process: say that it is ready, then grade until the pipe closes.

    It stays on a processor core, if one is given, with all that it starts.
    """
    die_with_parent()
    if core is not None:
        with contextlib.suppress(OSError):  # it may be gone by now; any other will do
            os.sched_setaffinity(0, {core})
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        return  # it ended before the kernel was told to end us with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # see Pool._start
    torch.set_num_threads(1)  # a thread pool does not survive a fork: waiting for it never ends
    os.environ["MPLBACKEND"] = "Agg"
    warnings.simplefilter("ignore")  # wrong answers of the bank run here; none is worth a line
    try:
        worker = Worker(work)
    except AutograderError as error:
        connection.send(error)
        return
    except Exception:
        connection.send(AutograderError(f"a worker did not start:\n{traceback.format_exc()}"))
        return
    connection.send("ready")
    with contextlib.closing(worker), contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            task: Task | None = connection.recv()
            if task is None:
                return
            result = worker.grade(task)
            if _deserves_another_try(result):
                worker.renew()
                result = worker.grade(task)
            connection.send(result)
