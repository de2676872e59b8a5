"""A student's process that has no answers, only a table of replies that somebody else got."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from autograder.config.settings import Settings
from autograder.proxy.objects import RemoteObject
from autograder.proxy.process import StudentProcess
from tests.course.recording import VALUES, Exchange, Lent, Stage, as_remote, asked_for, leaves

MAX_QUESTIONS = 500  # of one test; some replies would keep it asking without end
Fill = Callable[[torch.Tensor], torch.Tensor]
NOTHING: dict[str, Any] = {"error": {"type": "ValueError", "text": "", "traceback": []}}


@dataclass(frozen=True)
class Question:
    """A request of a test, as far as an impostor can know it."""

    test: str
    number: int  # the number of the request in its test
    operation: str
    arguments: list[Any]

    @cached_property
    def code(self) -> tuple[str, bytes]:
        """The operation, and the code of a probe."""
        packed = self.arguments[0] if self.operation == "probe" else b""
        return self.operation, packed

    @cached_property
    def parts(self) -> dict[str, tuple[str, bytes]]:
        return {path: (shape, digest) for path, shape, digest in leaves(self.arguments)}

    @cached_property
    def shapes(self) -> tuple[Any, ...]:
        """The operation and its arguments, without numbers."""
        return (*self.code, *((path, shape) for path, (shape, _) in self.parts.items()))

    def likeness(self, other: Question) -> tuple[bool, float]:
        """Whether two ask the same, and how much alike they are."""
        if self.code != other.code:
            return False, -1.0
        mine, theirs = self.parts, other.parts
        alike = 0.0
        for path, (shape, digest) in mine.items():
            if path in theirs:
                alike += (theirs[path][0] == shape) + 2 * (theirs[path][1] == digest)
        return mine == theirs, alike / (1 + len(mine.keys() | theirs.keys()))


class Table:
    """Replies to the questions of each test, from one recording or several."""

    def __init__(self, recordings: Sequence[Sequence[Exchange]]) -> None:
        self.recordings = [Table([one]) for one in recordings] if len(recordings) > 1 else [self]
        self.names: dict[str, Lent] = {}
        self.known: dict[str, list[tuple[Question, dict[str, Any]]]] = {}
        for exchanges in recordings:
            numbers: Counter[str] = Counter()
            for exchange in exchanges:
                self._add_names(exchange)
                if exchange.operation in VALUES:
                    question = Question(
                        exchange.test, numbers[exchange.test], exchange.operation,
                        exchange.arguments,
                    )  # fmt: skip
                    numbers[exchange.test] += 1
                    self.known.setdefault(exchange.test, []).append((question, exchange.reply))

    def _add_names(self, exchange: Exchange) -> None:
        found = exchange.reply.get("names") if exchange.operation == "cell" else None
        if exchange.operation == "name":
            found = {exchange.arguments[0]: exchange.reply.get("value")}
        for name, value in (found or {}).items():
            if isinstance(value, Lent):
                self.names[name] = value

    def exactly(self, question: Question) -> dict[str, Any] | None:
        """The reply to this very question, if the table has it."""
        for other, reply in self.known.get(question.test, []):
            if question.likeness(other)[0]:
                return reply
        return None

    def closest(self, question: Question) -> dict[str, Any]:
        """The reply to the question most like this one."""
        found = self.known.get(question.test, [])
        return max(
            found,
            key=lambda pair: (
                question.likeness(pair[0])[1],
                -abs(pair[0].number - question.number),
            ),
            default=(None, NOTHING),
        )[1]

    def by_recording(self, question: Question) -> list[dict[str, Any]]:
        """The reply of each recording to the question with the same number in its test."""
        return [recording.at_its_place(question) for recording in self.recordings]

    def at_its_place(self, question: Question) -> dict[str, Any]:
        """The reply to the question with the same number in its test."""
        found = self.known.get(question.test, [])
        return min(
            found, key=lambda pair: abs(pair[0].number - question.number), default=(None, NOTHING)
        )[1]

    def in_turn(self, kind: Callable[[Question], Any]) -> Callable[[Question], dict[str, Any]]:
        """Replies to questions of one kind, in the order in which they were asked."""
        asked: Counter[Any] = Counter()

        def reply(question: Question) -> dict[str, Any]:
            wanted = kind(question)
            alike = [r for q, r in self.known.get(question.test, []) if kind(q) == wanted]
            number = asked[question.test, wanted]
            asked[question.test, wanted] += 1
            return alike[number % len(alike)] if alike else self.closest(question)

        return reply


class Impostor(StudentProcess):
    """Replies to each question of a test as a strategy says; there is no process behind it."""

    def __init__(
        self,
        settings: Settings,
        stage: Stage,
        names: dict[str, Lent],
        strategy: Callable[[Question], dict[str, Any]],
    ) -> None:
        self.settings = settings
        self.seen = None
        self._counts = False
        self.has_printed = False
        self.cpu_s = 0.0
        self.failure = None
        self._open = True
        self._deadline = time.monotonic() + settings.submission_s
        self._limit = "submission_s"
        self._objects: dict[int, RemoteObject] = {}
        self._stage = stage
        self._names = names
        self._strategy = strategy
        self._numbers: Counter[str] = Counter()

    def kill(self) -> None:
        """Nothing is there."""

    def set_cpu_budget(self, cpu_s: float) -> None:
        """Nothing uses any."""

    def close(self) -> None:
        """Ask no more."""
        self._open = False

    def _exchange(
        self, operation: str, tree: Any, blobs: list[bytes], behind: Iterable[bytes] = ()
    ) -> dict[str, Any]:
        arguments = asked_for(self, tree, blobs)
        if operation == "many":
            return {"value": [self._reply(name, given) for name, *given in arguments]}
        return self._reply(operation, arguments)

    def _reply(self, operation: str, arguments: list[Any]) -> dict[str, Any]:
        reply: dict[str, Any] = {}
        if operation == "cell":
            wanted = arguments[1] if len(arguments) > 1 else ()
            reply = {"names": {n: self._names[n] for n in wanted if n in self._names}}
        elif operation == "name":
            known = self._names.get(arguments[0])
            reply = {"error": {"type": "NameError", "builtins": ["NameError"]}}
            reply = {"value": known} if known is not None else reply
        elif operation in VALUES:
            test = self._stage.test
            question = Question(test, self._numbers[test], operation, arguments)
            self._numbers[test] += 1
            kept = ("value", "done", "error")
            said = self._strategy(question) if question.number < MAX_QUESTIONS else NOTHING
            reply = {k: v for k, v in said.items() if k in kept}
        elif operation == "devices":
            reply = {"value": ""}
        remote: dict[str, Any] = as_remote(self, reply)
        return remote


def tensors(value: Any) -> list[torch.Tensor]:
    """All tensors in a value."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return tensors(list(value.values()))
    return [one for item in value for one in tensors(item)] if type(value) in (list, tuple) else []


def filled(question: Question, number: int) -> dict[str, Any]:
    """A tensor like the first that is sent along, full of a number; or the number."""
    like = next(iter(tensors(question.arguments)), None)
    return {"value": number if like is None else torch.full_like(like, number)}


def first_argument(question: Question) -> dict[str, Any]:
    """The first value behind the student's object."""
    place = {"call": 1, "probe": 2}.get(question.operation)
    given = question.arguments[place] if place is not None else ()
    return {"value": given[0] if given else None}


def hollow(value: Any, fill: Fill) -> Any:
    """A right reply with other numbers in it: only kinds, names, shapes and truth values stay."""
    if isinstance(value, torch.Tensor):
        return fill(value.detach())
    if type(value) is dict:
        return {key: hollow(item, fill) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(hollow(item, fill) for item in value)
    if type(value) in (int, float):
        return type(value)(fill(torch.zeros((), dtype=torch.float64)))
    return value


def noise(like: torch.Tensor) -> torch.Tensor:
    """Random values of a tensor's shape and dtype."""
    return (3 * torch.randn(like.shape)).to(like.dtype)


def an_argument(question: Question) -> Fill:
    """Puts an argument in place of a tensor of its shape, each once; else zeros."""
    left = tensors(question.arguments)

    def fill(like: torch.Tensor) -> torch.Tensor:
        found = next((k for k, one in enumerate(left) if one.shape == like.shape), None)
        return torch.zeros_like(like) if found is None else left.pop(found).to(like.dtype)

    return fill


def agreed(one: Any, other: Any, fill: Fill) -> Any:
    """The common parts of two replies to the same question; the rest is filled in."""
    if type(one) is not type(other):
        return one
    if type(one) is dict:
        return {key: agreed(item, other.get(key, item), fill) for key, item in one.items()}
    if type(one) in (list, tuple) and len(one) == len(other):
        return type(one)(agreed(a, b, fill) for a, b in zip(one, other, strict=True))
    if isinstance(one, torch.Tensor):
        same = one.shape == other.shape and torch.equal(one, other)
        return one if same else fill(one.detach())
    return one if one == other else hollow(one, fill)
