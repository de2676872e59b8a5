"""A made-up competition with a term of entries, to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from classroom.board import baselines, competitions
from classroom.board.answer_keys import AnswerKey, AnswerKeys
from classroom.board.rules.competition_file import CompetitionFile
from classroom.board.rules.labels import Labels
from classroom.board.rules.points import PointsRule
from classroom.board.submissions import Entrant, submit
from classroom.clock import next_day_at
from classroom.errors import Invalid, TooMany
from classroom.people import roster
from classroom.storage.database import Database
from classroom.storage.tables import INSTRUCTOR, Person

SLUG, CLASSES, PICTURES, DAYS = "demo", 100, 2000, 84
TODAY = 9  # entries on the last day
TEAMS = ("Kernel Panic", "Strided", "Receptive Field")
FIRST = "Ada Alan Barbara Carol Dorothy Edsger Emmy Grace Hedy John Katherine Leslie Mary Niklaus"
LAST = "Almond Birch Cedar Dogwood Elder Fir Ginkgo Hazel Juniper Larch Maple Oak Pine Rowan"


@dataclass(frozen=True)
class Demo:
    """The numbers of the demo, and a student and an instructor to sign in as."""

    slug: str
    students: int
    submissions: int
    student: str
    student_token: str
    instructor_token: str


def make(
    db: Database, at: datetime, seed: int = 1, students: int = 40,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Demo:  # fmt: skip
    """Return a demo that ends at ``at``; the same seed makes the same entries.

    Raises NotAllowed when the database has a competition of this name.
    """
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(PICTURES, dtype=np.int16) % CLASSES)
    names = tuple(f"test/{number:08d}.jpg" for number in range(1, PICTURES + 1))
    file = CompetitionFile(
        slug=SLUG, title="Places, made up", metric="top5_error", labels=Labels(names, labels),
        public_fraction=0.4, daily_limit=3, team_size=3, public_score="ladder", opens_at=None,
        closes_at=None, time_zone="Europe/Berlin", classes=CLASSES, guesses=5,
        points=PointsRule("linear", ((0.8, 0.0), (0.35, 20.0))),
    )  # fmt: skip
    keys = AnswerKeys()
    start = at - timedelta(days=DAYS)
    with db.write() as session:
        competition = competitions.create(session, start, file)
        key = keys.of(session, competition)
        hardness = random.random(PICTURES)
        for name, skill in (("chance", 0.05), ("small network", 0.4), ("ResNet-18", 0.62)):
            text = _file(key, _guesses(random, labels, _right(random, hardness, skill)))
            baselines.add(session, start, keys, competition, name, text, "baseline.txt")
        instructor_token = roster.enter(
            session, start, "instructor", "The instructor", role=INSTRUCTOR
        )
        tokens = {}
        for number in range(students):
            student, name = _student(number)
            team = TEAMS[number // 2] if number < 2 * len(TEAMS) else ""
            tokens[student] = roster.enter(session, start, student, name, "", team)
        entrants = [roster.find(session, student) for student in tokens]
    plan = _plan(random, len(entrants))
    taken = 0
    midnight = next_day_at(at - timedelta(days=1), file.time_zone)
    for done, (day, second, who, skill) in enumerate(plan):
        moment = start + timedelta(days=day, seconds=second)
        late = done - (len(plan) - TODAY)
        if late >= 0:  # so that the board shows changes of today
            moment, skill = midnight + (at - midnight) * (late + 1) / (TODAY + 1), skill + 0.06
        entrant = Entrant(entrants[who], competition, key, moment)
        text = _file(key, _guesses(random, labels, _right(random, hardness, skill)))
        if random.random() < 0.04:
            text = text.replace(b" ", b" class", 1)  # a file with names of classes
        try:
            submit(db, entrant, text, f"predictions_{done}.txt")
            taken += 1
        except (Invalid, TooMany):
            pass
        progress(done + 1, len(plan))
    shown: Person = entrants[-1]
    return Demo(
        SLUG, students, taken, shown.student, tokens[shown.student] or "", instructor_token or ""
    )


def _student(number: int) -> tuple[str, str]:
    first, last = FIRST.split(), LAST.split()
    name = f"{first[number % len(first)]} {last[(number * 3 + number // len(first)) % len(last)]}"
    return f"s{number + 1:03d}", name


def _plan(random: np.random.Generator, students: int) -> list[tuple[int, int, int, float]]:
    """Return (day, second, student, skill), ordered by time. Skills grow at different rates."""
    plan = []
    for who in range(students):
        ceiling, pace = random.uniform(0.35, 0.75), random.uniform(20, 60)
        days = sorted(random.choice(DAYS, size=int(random.integers(3, 14)), replace=False))
        for day in days:
            skill = ceiling * (1 - np.exp(-(day + 5) / pace)) + random.normal(0, 0.02)
            plan.append((int(day), int(random.integers(0, 86_000)), who, float(skill)))
    return sorted(plan)


def _right(
    random: np.random.Generator, hardness: npt.NDArray[np.float64], skill: float
) -> npt.NDArray[np.bool_]:
    """Return the pictures that a network of this skill gets right: mostly easy pictures."""
    return np.asarray(hardness + random.normal(0, 0.25, hardness.size) < skill)


def _guesses(
    random: np.random.Generator, labels: npt.NDArray[np.int16], right: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int16]:
    """Return five neighbouring labels per picture; right pictures have the true label."""
    place = np.minimum(random.geometric(0.5, labels.size) - 1, 4)
    beside = random.integers(1, CLASSES - 4, labels.size)
    first = np.where(right, labels - place, labels + beside)
    ahead = np.arange(5)[None, :].repeat(labels.size, axis=0)
    # The guesses are consecutive labels: the true label is at any of the five places.
    return np.asarray((first[:, None] + ahead) % CLASSES, np.int16)


def _file(key: AnswerKey, guesses: npt.NDArray[np.int16]) -> bytes:
    lines = (
        f"{name} {' '.join(map(str, row))}\n"
        for name, row in zip(key.form.names, guesses.tolist(), strict=True)
    )
    return "".join(lines).encode()
