"""The input of the report: results, people and times of a class, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from autograder.results import NotebookResult


class State(StrEnum):
    """How a notebook's result stands to the files and the course of today."""

    CURRENT = "current"
    """graded, and nothing changed since"""
    FILES_CHANGED = "files changed"
    """the student's files changed after they were graded"""
    COURSE_CHANGED = "course changed"
    """the lesson, a check, a setting or the engine changed after it was graded"""
    NEVER = "never graded"
    """handed in, without a result"""
    MISSING = "missing"
    """not handed in"""


@dataclass(frozen=True)
class Late:
    """A student's lateness in this assignment.

    ``days`` are started days after the due time; late days cover ``free`` of them.
    ``days_left`` are the late days left over the term, None without such a policy. ``doubt`` is a
    sentence about a time that is not known.
    """

    days: int = 0
    free: int = 0
    points_off: float = 0.0
    days_left: int | None = None
    doubt: str = ""


@dataclass(frozen=True)
class StudentWork:
    """One student's part of an assignment.

    ``results`` hold the points that persons gave, and are by notebook; a notebook that was never
    graded has none. ``unused`` are notes on files that were not used. ``handed_in`` are aware times
    by notebook, None for a time that is not known. ``versions`` counts the hand-ins that were
    received, 0 if that is not known. ``earlier`` is the share of points in the earlier assignment.
    """

    id: str
    name: str = ""
    section: str = ""
    is_gone: bool = False
    is_excused: bool = False
    has_files: bool = True
    results: Mapping[str, NotebookResult] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    handed_in: Mapping[str, datetime | None] = field(default_factory=dict)
    due_at: datetime | None = None
    late: Late = Late()
    versions: int = 0
    earlier: float | None = None

    @property
    def shown(self) -> str:
        """The student in a text: ``Ada Lovelace (ada)``, or the id alone."""
        return f"{self.name} ({self.id})" if self.name else self.id


@dataclass(frozen=True)
class ClassData:
    """One assignment of a class.

    ``exercises`` are the names of the graded exercises by notebook, in their order, and
    ``max_points`` the points that can be earned in a notebook. ``sentences`` explain the
    bank's misconceptions, by id. ``odd_folders`` are sentences about folders with nearly the right
    name. ``earlier`` is the earlier assignment that students are compared with, or empty.
    ``late_days`` is the allowance of the course's policy, None without one. ``questions`` are the
    notebook and name of each open question, which only a person grades.
    """

    assignment: str
    notebooks: tuple[str, ...]
    students: tuple[StudentWork, ...]
    made_at: datetime
    exercises: Mapping[str, tuple[str, ...]]
    max_points: Mapping[str, float]
    sentences: Mapping[str, str] = field(default_factory=dict)
    odd_folders: tuple[str, ...] = ()
    earlier: str = ""
    late_days: int | None = None
    questions: frozenset[tuple[str, str]] = frozenset()
