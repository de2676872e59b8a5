"""Results of grading: outcomes of tests and notebooks, and their JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

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


def worst(outcomes: list[Outcome]) -> Outcome:
    """The worst of some outcomes; ``passed`` for an empty list."""
    return max(outcomes, key=lambda outcome: outcome.badness, default=Outcome.PASSED)


def storable(text: str) -> str:
    """The same text with lone surrogates replaced, which files and databases refuse."""
    return text.encode(errors="replace").decode()


@dataclass(frozen=True)
class TestResult:
    """The verdict on one graded cell.

    ``message`` is for the student; ``html`` (never in the JSON) shows it with a picture. ``also``
    holds the ids of misconceptions that explain the answer as well as ``diagnosis``. ``printed`` is
    the output of the test's visible lines; output of hidden cases is never kept. ``seed`` repeats
    the test. ``log`` is for the instructor: the reason if the grader failed. ``missing_name`` is an
    undefined name that the test or the answer used. ``mistake`` describes a mistake of the course,
    which grading again does not fix.
    """

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

    def __post_init__(self) -> None:
        for name in ("message", "html", "printed", "log", "missing_name", "mistake"):
            object.__setattr__(self, name, storable(getattr(self, name)))

    def public(self) -> dict[str, Any]:
        """The fields of the documented JSON."""
        return {
            "grade_id": self.grade_id,
            "exercise": self.exercise,
            "points": self.points,
            "max_points": self.max_points,
            "outcome": self.outcome.value,
            "diagnosis": self.diagnosis,
            "also": list(self.also),
            "message": self.message,
        }


@dataclass(frozen=True)
class CellOutput:
    """The output of a student's cell when it was run again, and its error."""

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

    stage: str
    outcome: Outcome
    limit: str | None = None
    signal: str | None = None
    from_outside: bool = False


@dataclass(frozen=True)
class NotebookResult:
    """The verdict on one notebook of one student.

    ``notes`` lists repaired, skipped and ignored parts. ``outputs`` maps the position of a cell in
    the submitted notebook to its output. ``seconds`` is wall-clock time; the processor seconds are
    for the student's process and for the grader. ``stops`` are for the run's log. ``handed_in`` and
    ``source`` are digests of the files and of the course. ``time_doubt`` is the doubt about the
    time of the hand-in.
    """

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(map(storable, self.notes)))
        object.__setattr__(self, "time_doubt", storable(self.time_doubt))

    @property
    def points(self) -> float:
        return round(sum(test.points for test in self.tests), 4)

    @property
    def max_points(self) -> float:
        return sum(test.max_points for test in self.tests)

    def public(self) -> dict[str, Any]:
        """One object of the documented JSON list."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "notebook": self.notebook,
            "points": self.points,
            "max_points": self.max_points,
            "outcome": self.outcome.value,
            "seconds": round(self.seconds, 3),
            "tests": [test.public() for test in self.tests],
            "notes": [*self.notes, *([self.time_doubt] if self.time_doubt else [])],
        }

    def to_json(self) -> dict[str, Any]:
        """All fields, for the engine's own cache."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> NotebookResult:
        """The inverse of ``to_json`` (after a conversion to JSON text)."""
        tests = tuple(
            TestResult(**{**test, "outcome": Outcome(test["outcome"]), "also": tuple(test["also"])})
            for test in data["tests"]
        )
        outputs = {
            int(position): CellOutput(
                **{**output, "error": tuple(output["error"]) if output["error"] else None}
            )
            for position, output in data["outputs"].items()
        }
        rest = {
            "outcome": Outcome(data["outcome"]),
            "notes": tuple(data["notes"]),
            "tests": tests,
            "outputs": outputs,
            "stops": tuple(
                Stop(**{**stop, "outcome": Outcome(stop["outcome"])}) for stop in data["stops"]
            ),
        }
        return cls(**{**data, **rest})
