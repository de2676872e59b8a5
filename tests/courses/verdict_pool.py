"""A pool of workers that gives verdicts from a table, for tests of everything around it."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.results import NotebookResult, Outcome, TestResult, worst
from autograder.workers.pool import Pool
from autograder.workers.worker import Graded

MOST = {"add": 2.0, "scale": 7.0}


def verdict(
    exercise: str, points: float, diagnosis: str | None = None, **fields: object
) -> TestResult:
    """The verdict on an exercise of the tiny course."""
    most = MOST[exercise]
    outcome = Outcome.PASSED if points == most else Outcome.PARTIAL if points else Outcome.FAILED
    given = {"outcome": outcome, "message": f"{exercise}: {points:g} points", **fields}
    return TestResult(f"test_{exercise}", exercise, points, most, diagnosis=diagnosis, **given)  # type: ignore[arg-type]


class VerdictPool(Pool):
    """Every task gets the verdicts that ``table`` holds for its student, else all points.

    ``graded`` are the students in the order of their tasks.
    """

    table: dict[str, dict[str, TestResult]]
    graded: list[str]

    def __init__(self, work: object, workers: int, on_loss: object = None) -> None: ...

    def __exit__(self, *exc: object) -> None: ...

    def grade(self, tasks: object, on_tick: object = None) -> Iterator[object]:  # type: ignore[override]
        for task in tasks:  # type: ignore[attr-defined]
            self.graded.append(task.student)
            given = self.table.get(task.student, {})
            tests = tuple(given.get(name, verdict(name, most)) for name, most in MOST.items())
            why = TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE)
            all_tests = (*tests, why)
            outcome = worst([test.outcome for test in all_tests])
            yield (
                task,
                Graded(
                    NotebookResult(task.student, "tiny", task.notebook, all_tests, outcome=outcome)
                ),
            )
