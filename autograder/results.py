"""Results of grading: outcomes of tests and notebooks, and their JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import TypedDict  # pydantic needs it before Python 3.12

if TYPE_CHECKING:  # it takes 0.1 s to load, which a worker need not spend
    from pydantic import TypeAdapter

GRADER_FAILED = "The grader failed, not your code. Nothing was lost."


class Outcome(StrEnum):
    """The outcome of a test or a submission, from best to worst."""

    PASSED = "passed"
    NEEDS_MANUAL_GRADE = "needs_manual_grade"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    GRADER_ERROR = "grader_error"

    @property
    def badness(self) -> int:
        return list(Outcome).index(self)


class Evidence(StrEnum):
    """The kind of evidence for a finding, strongest first."""

    WHOLE = "whole"
    """the answer behaves as one misconception in all cases"""
    PAIR = "pair"
    """the answer behaves as two misconceptions together"""
    OUTPUT = "output"
    """one of several outputs equals a misconception's in all cases"""
    GROUP = "group"
    """some groups of cases equal a misconception's, and no case contradicts it"""
    RELATION = "relation"
    """a relation between the answer's values and the expected ones"""
    EXCEPTION = "exception"
    """an exception, and the cases in which it comes"""


def worst(outcomes: list[Outcome]) -> Outcome:
    """The worst of some outcomes; ``passed`` for an empty list."""
    return max(outcomes, key=lambda outcome: outcome.badness, default=Outcome.PASSED)


def storable(text: str) -> str:
    """The same text with lone surrogates replaced, which files and databases refuse."""
    return text.encode(errors="replace").decode()


# How pydantic reads stored results: no unknown field, and nothing converted.
_STRICT = {"extra": "forbid", "strict": True}


class PublicTest(TypedDict):
    """The verdict on one test, in the JSON of ``autograder grade --json``."""

    grade_id: str
    """the test cell's id in nbgrader"""
    exercise: str
    """the exercise that the test belongs to"""
    points: float
    """points earned, before any points that a person gives"""
    max_points: float
    """points that can be earned"""
    outcome: Outcome
    """the outcome of the test"""
    diagnosis: str | None
    """id of the mistake to mend first (a misconception, relation or exception), or null"""
    evidence: Evidence | None
    """the kind of evidence for the diagnosis, or null (see docs/authoring.md)"""
    also: list[str]
    """ids of further mistakes, and of misconceptions with the same evidence"""
    message: str
    """the explanation for the student"""


class PublicNotebook(TypedDict):
    """The verdict on one notebook of one student: an item of ``autograder grade --json``."""

    student: str
    """the student's id"""
    assignment: str
    """the assignment's name"""
    notebook: str
    """the notebook's name, without .ipynb"""
    points: float
    """sum of the points of the tests"""
    max_points: float
    """points that can be earned"""
    outcome: Outcome
    """the worst outcome of the tests, or the outcome of reading the file"""
    seconds: float
    """wall-clock seconds that grading took"""
    tests: list[PublicTest]
    """the tests, in the order of the notebook"""
    notes: list[str]
    """remarks on repaired, skipped and ignored parts"""


@dataclass(frozen=True)
class TestResult:
    """The verdict on one graded cell.

    ``message`` is for the student; ``html`` (never in the JSON) shows it with a picture. ``also``
    holds the ids of misconceptions that explain the answer as well as ``diagnosis``. ``printed`` is
    the output of the test's visible lines; output of hidden cases is never kept. ``seed`` repeats
    the test. ``log`` is for the instructor: the reason if the grader failed. ``missing_name`` is an
    undefined name that the test or the answer used. ``mistake`` describes a mistake of the course,
    which grading again does not fix. ``sentence`` tells the named mistake to the student.
    ``unwritten`` is true if the answer is still the released stub. ``wrong_groups`` are the groups
    of cases that the answer gets wrong, ``not_judged_groups`` say nothing about it.
    ``measures`` are names and numbers for a leaderboard.
    """

    __pydantic_config__: ClassVar = _STRICT

    __test__ = False  # not a pytest class

    grade_id: str
    exercise: str
    points: float
    max_points: float
    outcome: Outcome
    diagnosis: str | None = None
    also: tuple[str, ...] = ()
    message: str = ""
    html: str = ""
    printed: str = ""
    log: str = ""
    seed: int = 0
    missing_name: str = ""
    mistake: str = ""
    evidence: Evidence | None = None
    sentence: str = ""
    unwritten: bool = False
    wrong_groups: tuple[str, ...] = ()
    not_judged_groups: tuple[str, ...] = ()
    measures: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("message", "html", "printed", "log", "missing_name", "mistake", "sentence"):
            object.__setattr__(self, name, storable(getattr(self, name)))

    def public(self) -> PublicTest:
        """The fields of the documented JSON."""
        return {
            "grade_id": self.grade_id,
            "exercise": self.exercise,
            "points": self.points,
            "max_points": self.max_points,
            "outcome": self.outcome,
            "diagnosis": self.diagnosis,
            "evidence": self.evidence,
            "also": list(self.also),
            "message": self.message,
        }


@dataclass(frozen=True)
class CellOutput:
    """The output of a student's cell when it was run again, and its error."""

    __pydantic_config__: ClassVar = _STRICT

    stdout: str = ""
    stderr: str = ""
    error: tuple[str, str, list[str]] | None = None  # name, text, traceback lines
    truncated: bool = False

    def __post_init__(self) -> None:
        for name in ("stdout", "stderr"):
            object.__setattr__(self, name, storable(getattr(self, name)))
        if self.error is not None:
            kind, text, lines = self.error
            told = (storable(kind), storable(text), [storable(line) for line in lines])
            object.__setattr__(self, "error", told)

    @property
    def size(self) -> int:
        """The approximate number of characters."""
        kind, text, lines = self.error or ("", "", [])
        return sum(map(len, (self.stdout, self.stderr, kind, text, *lines)))

    def without_text(self) -> CellOutput:
        """The same output, with only the name of the error."""
        error: tuple[str, str, list[str]] | None = None
        if self.error:
            error = (self.error[0], "", [])
        return CellOutput(error=error, truncated=True)


@dataclass(frozen=True)
class Stop:
    """A student's process that ended early, for the run's log and not for the student.

    ``stage`` is the cell or test that was running; ``limit`` the setting that ran out, or None;
    ``signal`` the name of the signal that ended the process. ``from_outside`` is true if neither
    the student nor the grader ended it, but another program.
    """

    __pydantic_config__: ClassVar = _STRICT

    stage: str
    outcome: Outcome
    limit: str | None = None
    signal: str | None = None
    from_outside: bool = False


@dataclass(frozen=True)
class NotebookResult:
    """The verdict on one notebook of one student.

    ``tries`` are the verdicts on the visible tests without points. They are for the student's page:
    they are not in the JSON, and change neither points nor outcome. ``notes`` lists repaired,
    skipped and ignored parts. ``outputs`` maps the position of a cell in the submitted notebook to
    its output. ``seconds`` is wall-clock time; the processor seconds are for the student's process
    and for the grader. ``stops`` are for the run's log. ``handed_in`` and ``source`` are digests of
    the files and of the course. ``time_doubt`` is the doubt about the time of the hand-in.
    """

    __pydantic_config__: ClassVar = _STRICT

    student: str
    assignment: str
    notebook: str
    tests: tuple[TestResult, ...]
    seconds: float = 0.0
    student_cpu_s: float = 0.0
    grader_cpu_s: float = 0.0
    outcome: Outcome = Outcome.PASSED
    notes: tuple[str, ...] = ()
    outputs: dict[int, CellOutput] = field(default_factory=dict)
    sandbox: str = ""
    stops: tuple[Stop, ...] = ()
    handed_in: str = ""
    source: str = ""
    time_doubt: str = ""
    tries: tuple[TestResult, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(map(storable, self.notes)))
        object.__setattr__(self, "time_doubt", storable(self.time_doubt))

    @property
    def points(self) -> float:
        return round(sum(test.points for test in self.tests), 4)

    @property
    def max_points(self) -> float:
        return sum(test.max_points for test in self.tests)

    def public(self) -> PublicNotebook:
        """One object of the documented JSON list."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "notebook": self.notebook,
            "points": self.points,
            "max_points": self.max_points,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 3),
            "tests": [test.public() for test in self.tests],
            "notes": [*self.notes, *([self.time_doubt] if self.time_doubt else [])],
        }

    def to_json(self) -> dict[str, Any]:
        """All fields, for the engine's own cache."""
        return asdict(self)


@dataclass(frozen=True)
class StoredResult:
    """A result in the engine's own store, with the key of everything that it was made from."""

    __pydantic_config__: ClassVar = _STRICT

    key: str
    result: NotebookResult

    def to_json(self) -> str:
        """JSON text for ``from_json``."""
        return json.dumps({"key": self.key, "result": self.result.to_json()})

    @classmethod
    def from_json(cls, text: str | bytes) -> StoredResult:
        """The inverse of ``to_json``.

        Raises ValueError if a field is missing, unknown or of another type.
        """
        return _stored_results().validate_json(text)


@cache
def _stored_results() -> TypeAdapter[StoredResult]:
    from pydantic import TypeAdapter

    return TypeAdapter(StoredResult)
