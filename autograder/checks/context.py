"""The context of a check beyond its own cell: the seed, and the named misconceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from autograder.evidence.findings import Compose, Misconception
from autograder.lesson.reading import NOTHING, Reading


@dataclass(frozen=True)
class CheckContext:
    """Set by the grader around a test cell.

    ``seed`` decides the values of the cases. ``files`` are the files that were handed in beside
    the notebook, with their bytes, the newest first. ``compose`` joins two misconceptions.
    ``reading`` names the parts of notebook and lecture to read again.

    Without a grader (plain nbgrader, a notebook) the seed is fixed, there are no misconceptions to
    name, and files come from the working folder.
    Points do not depend on them.

    A check that does not explain stops at the first wrong case and gives no points: that tells
    whether an answer is right, in less time.
    """

    seed: int = 0
    misconceptions: tuple[Misconception, ...] = ()
    files: Mapping[str, bytes] | None = None
    explains: bool = True
    compose: Compose | None = None
    reading: Reading = NOTHING


_ALONE = CheckContext()
_current: ContextVar[CheckContext] = ContextVar("check_context")


def current() -> CheckContext:
    """The context of the running check."""
    return _current.get(_ALONE)


@contextmanager
def checking(context: CheckContext) -> Iterator[None]:
    """Use this context for checks within the block."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
