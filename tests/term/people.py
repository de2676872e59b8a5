"""The people of the term, their answers, and the points of each answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Somebody:
    """A person of the roster. ``lms_id`` is the number of the person in Canvas."""

    id: str
    first: str
    last: str
    section: str
    lms_id: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def email(self) -> str:
        return f"{self.id.lower()}@uni.example"


PEOPLE = (
    Somebody("ada", "Ada", "Lovelace", "A", "1201"),
    Somebody("0042", "Bob", "O’Neil, Jr.", "A", "1202"),
    Somebody("chloe.m", "Chloé", "Müller-Łuczak", "A", "1203"),
    Somebody("Dan", "Đan", "Nguyễn", "B", "1204"),
    Somebody("eve", "", "Sukarno", "B", "1205"),
    Somebody("lior", "ליאור", "כהן", "B", "1206"),
    Somebody("zoe", "Zoe", "=1+1", "B", "1207"),
)
ADA, BOB, CHLOE, DAN, EVE, LIOR, ZOE = PEOPLE

# Answers by exercise: the text, and the points before and after the check of ``half`` was mended.
ANSWERS: dict[str, dict[str, tuple[str, int, int]]] = {
    "add": {
        "right": ("def add(a, b):\n    return b + a", 2, 2),
        "small": ("def add(a, b):\n    return a + b if a + b < 100 else 0", 1, 1),
        "wrong": ("def add(a, b):\n    return a - b", 0, 0),
    },
    "half": {
        "right": ("def half(n):\n    return -(-n // 2)", 4, 4),
        "down": ("def half(n):\n    return n // 2", 2, 4),
        "small": ("def half(n):\n    return n // 2 if n < 200 else 0", 2, 2),
        "wrong": ("def half(n):\n    return n", 0, 0),
    },
    "square": {
        "right": ("def square(n):\n    return n**2", 6, 6),
        "positive": ("def square(n):\n    return n * n if n > 0 else -n * n", 4, 4),
        "wrong": ("def square(n):\n    return n + n", 0, 0),
    },
}
# The exercise and the question of each notebook, and the points of the question.
EXERCISE = {"01_first": "add", "02_second": "half", "03_third": "square"}
QUESTION = {"01_first": ("why", 1), "03_third": ("how", 2)}
NOTEBOOKS = {"week1": ("01_first", "02_second"), "week2": ("03_third",)}
MAX_POINTS = {"01_first": 3, "02_second": 4, "03_third": 8}


@dataclass(frozen=True)
class Work:
    """One notebook as it was handed in, at a time in UTC; ``given`` are points for the question."""

    person: Somebody
    notebook: str
    at: datetime
    answer: str
    given: Fraction | None = None

    @property
    def assignment(self) -> str:
        return next(name for name, own in NOTEBOOKS.items() if self.notebook in own)

    def earned(self, is_mended: bool, has_manual: bool = True) -> Fraction:
        """The earned points, before any penalty."""
        _, before, after = ANSWERS[EXERCISE[self.notebook]][self.answer]
        manual = self.given if has_manual and self.given is not None else 0
        return Fraction(after if is_mended else before) + manual


def utc(text: str) -> datetime:
    """A time such as ``03-28 21:30:00`` of 2025 in UTC."""
    return datetime.strptime(f"2025-{text}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


HALF, ONE = Fraction(1, 2), Fraction(1)
DUE = {"week1": utc("03-28 22:59:00"), "week2": utc("04-11 21:59:00")}

# The term. The clocks go forward in the night of 30 March, so 31 March 00:30 in Berlin is less than
# 48 hours after 28 March 23:59.
EARLY = (
    Work(ADA, "01_first", utc("03-28 18:00:00"), "right", ONE),
    Work(ADA, "02_second", utc("03-28 18:00:00"), "wrong"),
    Work(CHLOE, "01_first", utc("03-27 07:00:00"), "small", HALF),
    Work(CHLOE, "02_second", utc("03-27 07:00:00"), "down"),
)
LATER = (
    Work(ADA, "02_second", utc("03-30 22:30:00"), "down"),  # 2 days
    Work(BOB, "01_first", utc("03-30 22:30:00"), "right", HALF),  # in time by an extension of 2 d
    Work(BOB, "02_second", utc("03-30 22:30:00"), "small"),
)
ON_MOODLE = (
    Work(DAN, "01_first", utc("04-01 23:59:00"), "right", ONE),  # 5 days; 02_second is missing
    Work(EVE, "01_first", utc("03-28 22:58:00"), "small", Fraction(0)),
    Work(EVE, "02_second", utc("03-28 22:58:00"), "down"),
    Work(LIOR, "01_first", utc("04-05 10:00:00"), "right", ONE),  # excused
    Work(LIOR, "02_second", utc("04-05 10:00:00"), "right"),
)
ON_GRADESCOPE = (
    Work(ADA, "03_third", utc("04-13 10:00:00"), "positive", Fraction(3, 2)),  # 2 days, 1 left
    Work(BOB, "03_third", utc("04-16 20:00:00"), "right", Fraction(2)),  # 5 days, 3 left
    Work(CHLOE, "03_third", utc("04-11 21:59:00"), "right", ONE),  # exactly due
)
ON_CLASSROOM = (
    Work(EVE, "03_third", utc("04-14 06:00:00"), "positive", Fraction(2)),  # 20 h after 13 April
    Work(LIOR, "03_third", utc("04-12 02:00:00"), "wrong", HALF),  # 1 day
)
EXCUSED = {("lior", "week1"), ("Dan", "week2")}


@dataclass
class State:
    """The facts of the term at one moment: the counting work, extensions, and mended checks."""

    works: dict[tuple[str, str], Work] = field(default_factory=dict)
    due: dict[tuple[str, str], datetime] = field(default_factory=dict)
    is_mended: bool = False
    graded_by_hand: set[str] = field(default_factory=set)

    def hand_in(self, *works: Work) -> None:
        for work in works:
            self.works[work.person.id, work.notebook] = work

    def due_of(self, student: str, assignment: str) -> datetime:
        return self.due.get((student, assignment), DUE[assignment])

    def earned(self, student: str, notebook: str) -> Fraction:
        work = self.works.get((student, notebook))
        if work is None:
            return Fraction(0)
        return work.earned(self.is_mended, work.assignment in self.graded_by_hand)
