"""A student's process as a table: each request in turn, and the raw reply to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import nbformat
import torch

from autograder.checks import CheckContext
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, SourceCell
from autograder.grading import session
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook
from autograder.grading.test_cell import TestCell
from autograder.proxy.objects import RemoteObject
from autograder.proxy.process import StudentProcess
from autograder.release.samples import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.results import NotebookResult, TestResult
from autograder.sandbox.channel import Channel
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import read_submission
from autograder.wall.decoder import Decoder
from autograder.wall.encoder import freeze

HIDDEN = "### BEGIN HIDDEN TESTS"
VALUES = ("call", "probe", "get", "item", "length", "iterate", "next", "text")  # the request


@dataclass(frozen=True)
class Lent:
    """A student's object, as either side names it."""

    number: int
    kinds: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Exchange:
    """One request and the reply to it; objects in both are ``Lent``."""

    test: str  # the grade_id of the test that asked, or nothing
    operation: str
    arguments: list[Any]
    reply: dict[str, Any]


@dataclass
class Stage:
    """Where the grader is: which test runs."""

    test: str = ""


@dataclass(frozen=True)
class StagedTest(TestCell):
    """A test that says when it runs, and whose seed depends on ``secret`` and its name only."""

    stage: Stage = field(default_factory=Stage)
    secret: str = ""

    def run(
        self,
        setup: dict[str, Any],
        student: Callable[[str], Any],
        context: CheckContext,
        take_printed: Callable[[], str] = str,
    ) -> TestResult:
        digest = hashlib.sha256(f"{self.secret} {self.cell.grade_id}".encode()).digest()
        self.stage.test = self.cell.grade_id
        try:
            seed = int.from_bytes(digest[:6], "big")
            return super().run(setup, student, replace(context, seed=seed), take_printed)
        finally:
            self.stage.test = ""


def grade_staged(
    parent: Any,
    trusted: TrustedNotebook,
    stage: Stage,
    secret: str,
    notebook: nbformat.NotebookNode,
    files: dict[str, bytes],
) -> NotebookResult:
    """The verdict on a notebook, with the seeds of ``secret``; ``stage`` follows its tests.

    ``parent`` starts channels, as a ForkServer does, and makes processes of them. Only the hidden
    parts of tests run, and no misconception is named.
    """
    tests = tuple(StagedTest(hidden_part(test.cell), stage, secret) for test in trusted.tests)
    ours = replace(trusted, tests=tests, tries=(), misconceptions={})
    data = nbformat.writes(notebook).encode()
    submission = read_submission(data, trusted.bundle, files)
    with mock.patch.object(session, "StudentProcess", parent.wrap):
        return grade_notebook(parent, ours, submission, "somebody", secret.encode())


def hidden_part(cell: SourceCell) -> SourceCell:
    """A test cell without its visible part, which tells everybody the right replies."""
    place = cell.source.find(HIDDEN)
    return replace(cell, source=cell.source[place:]) if place >= 0 else cell


class Recorder:
    """Starts real student processes, and records their requests and replies."""

    def __init__(self, parent: ForkServer, stage: Stage) -> None:
        self.settings = parent.settings
        self.kind = parent.kind
        self.exchanges: list[Exchange] = []
        self._parent = parent
        self._stage = stage

    def start_student(self) -> Channel:
        """The channel to a student's process, for ``wrap``."""
        return self._parent.start_student()

    def wrap(self, channel: Channel) -> StudentProcess:
        """A student's process that is listened to."""
        process = StudentProcess(channel)
        exchange = process._exchange

        def heard(
            operation: str, tree: Any, blobs: list[bytes], behind: Iterable[bytes] = ()
        ) -> dict[str, Any]:
            reply = exchange(operation, tree, blobs, behind)
            arguments = asked_for(process, tree, blobs)
            pairs = [((operation, *arguments), reply)]
            if operation == "many" and isinstance(reply.get("value"), list):
                pairs = list(zip(arguments, reply["value"], strict=False))
            for (name, *given), said in pairs:
                self.exchanges.append(Exchange(self._stage.test, name, list(given), as_lent(said)))
            return reply

        process._exchange = heard  # type: ignore[method-assign]
        return process


def asked_for(process: StudentProcess, tree: Any, blobs: list[bytes]) -> list[Any]:
    """The arguments of a request that is about to be sent."""

    def name(node: list[Any]) -> Lent:
        remote = process._objects.get(node[1])
        return Lent(node[1]) if remote is None else as_lent(remote)

    arguments: list[Any] = Decoder(tuple(blobs), name).decode(tree)
    return arguments


def as_lent(value: Any) -> Any:
    """A value with every student's object in it as ``Lent``."""
    if type(value) is RemoteObject:
        parts = (
            object.__getattribute__(value, f"_{part}_") for part in ("number", "kinds", "name")
        )
        return Lent(*parts)
    return _mapped(value, as_lent)


def as_remote(process: StudentProcess, value: Any) -> Any:
    """A copy of a value, with the objects of a process in place of every ``Lent``."""
    if isinstance(value, Lent):
        remote = RemoteObject(process, value.number, value.kinds, value.name)
        return process._objects.setdefault(value.number, remote)
    if isinstance(value, torch.Tensor):
        return value.clone()
    return _mapped(value, lambda item: as_remote(process, item))


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if type(value) in (list, tuple):
        return type(value)(change(item) for item in value)
    if type(value) is dict:
        return {key: change(item) for key, item in value.items()}
    return value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str, bytes]]:
    """The parts of a value: where each is, its kind and shape, and a digest of all of it."""
    if isinstance(value, Lent):
        yield path, f"object {value.name}", b""
    elif type(value) in (list, tuple):
        for number, item in enumerate(value):
            yield from leaves(item, f"{path}/{number}")
    elif type(value) is dict:
        for key, item in value.items():
            yield from leaves(item, f"{path}/{key}")
    elif isinstance(value, str):
        yield path, value, value.encode()
    else:
        shape = getattr(value, "shape", ())
        frame = freeze(value)
        text = f"{type(value).__name__} {getattr(value, 'dtype', '')} {tuple(shape)}"
        digest = hashlib.sha256(repr(frame.header).encode())
        for blob in frame.blobs:
            digest.update(blob)
        yield path, text, digest.digest()


def recorded(
    course: Course,
    bundle: NotebookBundle,
    trusted: TrustedNotebook,
    parent: ForkServer,
    secret: str,
) -> list[Exchange]:
    """The reference's requests and replies when it is graded with a secret."""
    stage = Stage()
    recorder = Recorder(parent, stage)
    notebook = answered(released_notebook(course, bundle), reference_answers(bundle))
    weights = reference_weights(course, bundle.assignment)
    grade_staged(recorder, trusted, stage, secret, notebook, weights)
    return recorder.exchanges
