"""The report as a document: everything that the page shows, and the JSON of ``report --json``.

Points are earned points, points by hand included, before any penalty for lateness. Shares and rates
are from 0 to 1. Times are ISO 8601 in UTC. A number that cannot be computed is null.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

VERSION = 1


@dataclass(frozen=True)
class Count:
    """The numbers of students: on the roster or handed in, excused, with a total."""

    students: int
    handed_in: int
    excused: int
    graded: int


@dataclass(frozen=True)
class Distribution:
    """The points of a notebook, or of all; ``values`` are in order.

    ``histogram`` counts students in equal parts of the points, 0 first.
    """

    name: str
    max_points: float
    values: tuple[float, ...]
    histogram: tuple[int, ...]
    mean: float | None
    median: float | None
    deviation: float | None
    lower_quartile: float | None
    upper_quartile: float | None


@dataclass(frozen=True)
class Exercise:
    """An exercise as an item of a test.

    ``judged`` students have points in it. ``share`` is their mean share of its points: how easy it
    is. ``discrimination`` is the correlation of its points with the points in all other exercises.
    ``hint`` says what the two numbers suggest. The counts are of students: all points, some,
    none, not written, waiting for a person, without a verdict.
    """

    notebook: str
    exercise: str
    max_points: float
    judged: int
    share: float | None
    discrimination: float | None
    full: int
    partly: int
    nothing: int
    unwritten: int
    waiting: int
    no_verdict: int
    not_named: int
    hint: str


@dataclass(frozen=True)
class Mistake:
    """A named mistake, and the students whose answers show it first."""

    id: str
    notebook: str
    exercise: str
    sentence: str
    students: tuple[str, ...]
    rate: float


@dataclass(frozen=True)
class Group:
    """A group of cases that answers fail: ``failing`` of ``judged`` students."""

    notebook: str
    exercise: str
    group: str
    failing: int
    judged: int
    not_judged: int


@dataclass(frozen=True)
class Need:
    """Something that needs a person. ``students`` are ids; ``details`` are sentences."""

    kind: str
    title: str
    advice: str
    command: str
    students: tuple[str, ...]
    details: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class LateDays:
    """Students by started days late in this assignment, and the costs."""

    has_due_date: bool
    allowance: int | None
    by_days: tuple[tuple[int, int], ...]
    students_late: int
    on_time: int
    unknown: int
    points_off: float
    used_up: int


@dataclass(frozen=True)
class HandIns:
    """When students handed in, in hours after the due time (negative: before), and how often.

    ``hours`` holds one number for each student with both times, in order. ``by_versions`` counts
    students by the number of versions that were received.
    """

    hours: tuple[float, ...]
    by_versions: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Progress:
    """The shares of points in an earlier assignment and in this one, for the same students."""

    earlier: str
    students: int
    mean_before: float
    mean_now: float
    correlation: float | None
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The total of one section; an empty name stands for students without a section."""

    name: str
    students: int
    handed_in: int
    mean: float | None
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None


@dataclass(frozen=True)
class Line:
    """A line of code, and whether it is alike in both answers."""

    text: str
    alike: bool


@dataclass(frozen=True)
class Pair:
    """Two answers to one exercise that are alike.

    ``share`` is the part of the shorter answer's own code that is in both. ``is_short``: the code
    that is alike is so short that two students may well write it alone.
    """

    notebook: str
    exercise: str
    first: str
    second: str
    share: float
    tokens: int
    is_short: bool
    first_lines: tuple[Line, ...]
    second_lines: tuple[Line, ...]


@dataclass(frozen=True)
class Similar:
    """Answers that are alike, the most alike first.

    ``answers`` were compared, ``skipped`` ones were too long. ``found`` counts the pairs, of which
    ``pairs`` holds the first.
    """

    answers: int
    skipped: int
    found: int
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Student:
    """One student in numbers.

    ``points`` are by notebook, null without a verdict. ``total`` is None if a verdict is missing or
    the student is excused. ``state`` is one or two words.
    """

    id: str
    name: str
    section: str
    points: tuple[float | None, ...]
    total: float | None
    share: float | None
    earlier_share: float | None
    points_off: float
    days_late: int
    waiting: int
    mistakes: int
    versions: int
    hours_after_due: float | None
    state: str


@dataclass(frozen=True)
class Report:
    """The class at a glance."""

    assignment: str
    section: str
    made_at: str
    count: Count
    total: Distribution
    notebooks: tuple[Distribution, ...]
    exercises: tuple[Exercise, ...]
    mistakes: tuple[Mistake, ...]
    groups: tuple[Group, ...]
    needs: tuple[Need, ...]
    late: LateDays
    hand_ins: HandIns | None
    progress: Progress | None
    sections: tuple[Section, ...]
    students: tuple[Student, ...]
    similar: Similar | None = None
    version: int = field(default=VERSION)

    def to_json(self) -> str:
        """The document as JSON text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=True) + "\n"
