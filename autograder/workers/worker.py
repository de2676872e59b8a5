"""A grading worker: a trusted process with its own fork server, one submission at a time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import traceback
import warnings
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from autograder.config.settings import Settings
from autograder.course.source import NotebookBundle
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook, unreadable, without_verdict
from autograder.notebooks.notebook import NotebookContent
from autograder.results import GRADER_FAILED, NotebookResult, Outcome
from autograder.sandbox.bubblewrap import WarmParent
from autograder.student.jail import die_with_parent
from autograder.submission.submission import Submission, read_submission

MAX_RETURNED_BYTES = (
    32 << 20
)  # memory of a submission that is sent back; a larger one is read again


@dataclass(frozen=True)
class Task:
    """One notebook of one student, to be graded: the bytes of its file, or the notebook in them."""

    student: str
    notebook: str
    file_name: str
    data: bytes | NotebookContent
    files: dict[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    exercises: frozenset[str] | None = None  # whose tests run; None: all


@dataclass(frozen=True)
class Graded:
    """The result of a task, and the submission behind it, without the files beside it.

    There is no submission if the file is unreadable, the grader failed, or it is too large.
    """

    result: NotebookResult
    submission: Submission | None = None


@dataclass(frozen=True)
class Work:
    """The data that every worker needs; the same for all tasks of a run."""

    course_root: Path
    settings: Settings
    sandbox: str
    bundles: tuple[NotebookBundle, ...]
    secret: bytes


class Worker:
    """Grades tasks; starts a new fork server when the old one is lost."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._trusted = {
            bundle.name: TrustedNotebook.load(bundle, work.course_root) for bundle in work.bundles
        }
        self._parent = WarmParent(work.settings, work.sandbox)
        self._parent.start()

    def close(self) -> None:
        """End the fork server and its processes."""
        self._parent.stop()

    def grade(self, task: Task) -> Graded:
        """The result of one task; a fault of the grader becomes a ``grader_error``."""
        trusted = self._trusted[task.notebook]
        if task.exercises is not None:
            trusted = trusted.testing(task.exercises)
        try:
            submission = read_submission(task.data, trusted.bundle, task.files, task.notes)
            result = grade_notebook(
                self._parent, trusted, submission, task.student, self._work.secret
            )
        except UnreadableSubmission as error:
            return Graded(unreadable(trusted.bundle, task.student, error, task.file_name))
        except Exception:
            log = traceback.format_exc()
            return Graded(
                without_verdict(
                    trusted.bundle, task.student, Outcome.GRADER_ERROR, GRADER_FAILED, log
                )
            )
        if submission.memory_bytes > MAX_RETURNED_BYTES:
            return Graded(result)
        return Graded(result, replace(submission, files={}))

    def renew(self) -> None:
        """Replace a fork server that may be damaged."""
        self._parent.stop()
        self._parent = WarmParent(self._work.settings, self._work.sandbox)
        self._parent.start()


def _deserves_another_try(result: NotebookResult) -> bool:
    """Whether the grader failed, or another program killed the student's process."""
    by_us = result.outcome is Outcome.GRADER_ERROR
    return by_us or any(stop.from_outside for stop in result.stops)


def serve(work: Work, connection: Connection, core: int | None) -> None:
    """The life of a worker process: report that it is ready, then grade until the pipe closes.

    If ``core`` is given, the worker and its processes stay on that processor core.
    """
    die_with_parent()
    if core is not None:
        with contextlib.suppress(OSError):  # the core may be gone; then any other will do
            os.sched_setaffinity(0, {core})
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        return  # the parent ended before the kernel knew to end this process too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process handles Ctrl-C
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # see Pool._start
    torch.set_num_threads(1)  # a thread pool does not survive a fork: waiting for it never ends
    os.environ["MPLBACKEND"] = "Agg"
    warnings.simplefilter("ignore")  # of the bank's wrong answers
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
            graded = worker.grade(task)
            if _deserves_another_try(graded.result):
                worker.renew()
                graded = worker.grade(task)
            connection.send(graded)
