"""Findings: named mistakes, each with the evidence that it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.results import Evidence


@dataclass(frozen=True)
class Misconception:
    """A named wrong answer to one exercise; ``function`` behaves like it."""

    id: str
    sentence: str
    function: Callable[..., Any]


Compose = Callable[[Misconception, Misconception], Callable[..., Any] | None]
"""The function with the mistakes of both, or None if they cannot be joined."""


@dataclass(frozen=True)
class Finding:
    """One mistake, as far as the evidence determines it.

    ``id`` is a misconception's, or ``EXERCISE.relation_NAME`` or ``EXERCISE.exception_NAME``.
    ``sentence`` tells the observation. It tells a cause only if the evidence determines one.
    ``explained`` are the cells (see ``cells``) that it explains. ``outputs`` and ``groups``
    restrict it; they are empty if it holds for all. ``alternatives`` are misconceptions with the
    same evidence: the answer has one of them.
    """

    id: str
    evidence: Evidence
    sentence: str
    explained: frozenset[int]
    outputs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    alternatives: tuple[Misconception, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """All findings on one wrong answer, the first to mend first; empty if nothing is recognised."""

    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str | None:
        return self.findings[0].id if self.findings else None

    @property
    def evidence(self) -> Evidence | None:
        return self.findings[0].evidence if self.findings else None

    @property
    def also(self) -> tuple[str, ...]:
        """The ids of the other findings, and of misconceptions with the same evidence."""
        own = [
            name
            for finding in self.findings
            for name in (finding.id, *(other.id for other in finding.alternatives))
        ]
        return tuple(dict.fromkeys(name for name in own if name != self.id))
