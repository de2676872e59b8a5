"""A second calculation of late days, for tests, in whole microseconds and without divisions.

A clock ticks at the due time and every 24 hours after it. A notebook is late by the ticks before
its hand-in. A purse holds the late days, and each assignment takes them out one by one. The zones
come from dateutil, the policy's from zoneinfo.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count, takewhile
from zoneinfo import ZoneInfo

from dateutil import tz

DAY_US = 24 * 60 * 60 * 1_000_000
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
)
# Days before the clocks of a zone change, and a day in summer.
DATES = (
    (2026, 3, 28, "Europe/Berlin"),
    (2026, 10, 24, "Europe/Berlin"),
    (2026, 3, 7, "America/New_York"),
    (2026, 10, 31, "America/New_York"),
    (2026, 4, 4, "Australia/Lord_Howe"),
    (2026, 10, 31, "America/St_Johns"),
    (2026, 6, 1, "UTC"),
)

Place = tuple[str, str]


@dataclass(frozen=True)
class Moment:
    """The clock of a wall in a zone; ``fold`` is 1 for the second of two equal hours."""

    wall: datetime
    zone: str
    fold: int = 0

    @classmethod
    def of(cls, us: int, zone: str) -> Moment:
        """A moment, given in microseconds since 1970, on the clock of a zone."""
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
        local = found.astimezone(ZoneInfo(zone))
        return cls(local.replace(tzinfo=None, fold=0), zone, local.fold)

    @property
    def aware(self) -> datetime:
        return self.wall.replace(tzinfo=ZoneInfo(self.zone), fold=self.fold)

    @property
    def us(self) -> int:
        """Microseconds since 1970, by dateutil's zones."""
        offset = tz.enfold(self.wall.replace(tzinfo=tz.gettz(self.zone)), self.fold).utcoffset()
        assert offset is not None
        span = self.wall - datetime(1970, 1, 1) - offset
        return (span.days * 86400 + span.seconds) * 1_000_000 + span.microseconds


@dataclass(frozen=True)
class Paper:
    """One notebook of a student: its hand-in with a possible error, and its earned points."""

    handed_in: Moment | None
    points: Fraction
    margin_us: int = 0


@dataclass(frozen=True)
class Sheet:
    """One assignment of a student. ``longer_us`` and ``until`` are the two kinds of extensions."""

    due: Moment | None
    papers: dict[str, Paper]
    longer_us: int = 0
    until: Moment | None = None
    is_excused: bool = False

    @property
    def due_us(self) -> int | None:
        """The due time of the student."""
        if self.due is None:
            return None
        return max(self.due.us + self.longer_us, self.until.us if self.until else self.due.us)


@dataclass
class Cost:
    """The cost of one notebook."""

    days: int
    free: int = 0
    off: Fraction = Fraction(0)
    share: Fraction = Fraction(0)


@dataclass
class Bill:
    """The cost of the late notebooks of a term, and the days in the purse at its end."""

    costs: dict[Place, Cost] = field(default_factory=dict)
    left: int = 0


def bill(term: dict[str, Sheet], allowance: int, part: Fraction) -> Bill:
    """The cost of a term, by ticks of a clock and a purse of late days."""
    made = Bill(left=allowance)
    queue = []
    for name, sheet in term.items():
        seen = [paper.handed_in.us for paper in sheet.papers.values() if paper.handed_in]
        if not sheet.is_excused and seen and sheet.due_us is not None:
            queue.append((max(seen), sheet.due_us, name))
    while queue:
        first = min(queue)
        queue.remove(first)
        _, due_us, name = first
        late = {
            notebook: days
            for notebook, paper in term[name].papers.items()
            if (days := len(list(_ticks(paper, due_us))))
        }
        paid = 0
        while made.left and any(days > paid for days in late.values()):
            made.left -= 1
            paid += 1
        for notebook, days in late.items():
            cost = made.costs[name, notebook] = Cost(days)
            rest = Fraction(1)
            for day in range(days):
                if day < paid:
                    cost.free += 1
                elif rest > 0:
                    rest -= min(rest, part)
            cost.share = 1 - rest
            cost.off = cost.share * term[name].papers[notebook].points
    return made


def _ticks(paper: Paper, due_us: int) -> Iterator[int]:
    """The ticks of the clock before the hand-in; none if it is not certain to be late."""
    if paper.handed_in is None:
        return iter(())
    handed_in_us = paper.handed_in.us
    if due_us - paper.margin_us < handed_in_us < due_us + paper.margin_us:
        return iter(())
    return takewhile(lambda tick: tick < handed_in_us, count(due_us, DAY_US))


def random_term(numbers: random.Random) -> dict[str, Sheet]:
    """One to six assignments with one to four notebooks each, with times that are hard to judge."""
    return random_class(numbers, 1)[0]


def random_class(numbers: random.Random, students: int) -> list[dict[str, Sheet]]:
    """The random terms of a class, which share assignments, notebooks and due dates."""
    maker = _Maker(numbers)
    return [maker.term() for _ in range(students)]


class _Maker:
    """Makes random terms. ``known`` are the hand-ins of one term, for others at the same time."""

    def __init__(self, numbers: random.Random) -> None:
        self.numbers = numbers
        self.known: list[int] = []
        year, month, day, self.zone = numbers.choice(DATES)
        night = timedelta(minutes=self.one(0, 91, 151))  # 1:30, 2:30
        start_us = Moment(datetime(year, month, day, 23, 59) + night, self.zone).us
        names = numbers.sample(["a", "b", "B", "week 10", "week 9", "ä"], self.number(1, 6))
        self.due_us = {name: start_us + self.one(0, 0, 1, 2, 7) * DAY_US for name in names}
        self.due = {
            name: None if numbers.random() < 0.05 else self.moment(us)
            for name, us in self.due_us.items()
        }
        self.notebooks = {name: self.number(1, 4) for name in names}

    def term(self) -> dict[str, Sheet]:
        self.known = []
        return {name: self.sheet(name) for name in self.due}

    def sheet(self, name: str) -> Sheet:
        longer_us = self.one(0, 0, 0, DAY_US, 2 * DAY_US, 90 * 60 * 1_000_000)
        until = None
        if not longer_us and self.numbers.random() < 0.2:
            until = self.moment(self.due_us[name] + self.one(-1, 1, 3) * DAY_US)
        sheet = Sheet(self.due[name], {}, longer_us, until, self.numbers.random() < 0.1)
        for number in range(self.notebooks[name]):
            sheet.papers[f"{number:02}_n"] = self.paper(sheet.due_us or self.due_us[name])
        return sheet

    def paper(self, due_us: int) -> Paper:
        points = Fraction(self.number(0, 400), self.one(1, 2, 4, 8))
        if self.numbers.random() < 0.1:
            return Paper(None, points)
        day, hour = self.number(-DAY_US, DAY_US), self.number(-DAY_US, DAY_US) // 24
        us = (
            due_us
            + self.one(-2, 0, 0, 0, 1, 1, 2, 3, 4, 9) * DAY_US
            + self.one(0, 1, -1, day, hour, hour)
        )
        if self.known and self.numbers.random() < 0.3:
            us = self.numbers.choice(self.known)
        self.known.append(us)
        return Paper(self.moment(us), points, self.one(*[0] * 8, DAY_US // 2, DAY_US))

    def moment(self, us: int) -> Moment:
        return Moment.of(us, self.numbers.choice([*[self.zone] * 6, *ZONES]))

    def one(self, *choices: int) -> int:
        return self.numbers.choice(choices)

    def number(self, least: int, most: int) -> int:
        return self.numbers.randint(least, most)
