"""Results of made-up classes of any size, with all outcomes, for tests of summaries."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from autograder.results import Evidence, NotebookResult, Outcome, TestResult, worst

_COMMON = (Outcome.PASSED,) * 12 + (Outcome.PARTIAL, Outcome.FAILED) * 3
_RARE = (
    Outcome.ERROR, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.CRASHED, Outcome.MISSING,
    Outcome.UNREADABLE, Outcome.GRADER_ERROR, Outcome.NEEDS_MANUAL_GRADE,
)  # fmt: skip
LONG = "a.student.with.a.very.long.identifier@students.department.example.org"
WIDE = "学生" * 40


def class_results(
    students: int,
    notebooks: Sequence[str] = ("01_convolution", "02_pooling", "03_normalization"),
    assignment: str = "conv",
    exercises: int = 5,
    names: Sequence[str] = (),
) -> list[NotebookResult]:
    """The results of a class; ``names`` replace the names of its first students.

    From 40 students on, all outcomes occur, and some students have no verdict because of the
    grader, because of the course, or both.
    """
    source = random.Random(students)
    own = [*names, *(f"student{number:04}" for number in range(1, students + 1))][:students]
    return [
        _notebook(source, number, student, notebook, assignment, exercises)
        for number, student in enumerate(own)
        for notebook in notebooks
    ]


def _notebook(
    source: random.Random, number: int, student: str, notebook: str, assignment: str, exercises: int
) -> NotebookResult:
    rare = _RARE[number % len(_RARE)] if number % 5 == 1 else None
    doubt = "timestamp.txt says “PST”, which has several meanings" if number % 17 == 3 else ""
    if rare in (Outcome.MISSING, Outcome.UNREADABLE, Outcome.GRADER_ERROR):
        tests = tuple(_lost(rare, number, notebook, exercises))
        return NotebookResult(
            student, assignment, notebook, tests, outcome=rare, notes=(f"{notebook}: {rare}.",),
            time_doubt=doubt, sandbox="bubblewrap",
        )  # fmt: skip
    tests = tuple(_tests(source, rare, notebook, exercises))
    outcome = worst([test.outcome for test in tests])
    return NotebookResult(
        student, assignment, notebook, tests, outcome=outcome, time_doubt=doubt,
        sandbox="bubblewrap",
    )  # fmt: skip


def _lost(rare: Outcome, number: int, notebook: str, exercises: int) -> Iterator[TestResult]:
    ours = rare is Outcome.GRADER_ERROR
    for exercise in range(exercises):
        mistake = "its check gives 3 of 2 points" if ours and number % 2 and exercise == 1 else ""
        log = "Traceback\nMemoryError: a worker died" if ours else ""
        name = f"{notebook[3:] or notebook}_{exercise}"
        yield TestResult(f"test_{name}", name, 0.0, 2.0, rare, log=log, mistake=mistake)


def _tests(
    source: random.Random, rare: Outcome | None, notebook: str, exercises: int
) -> Iterator[TestResult]:
    for exercise in range(exercises):
        name = f"{notebook[3:] or notebook}_{exercise}"
        outcome = rare if rare and exercise == 0 else source.choice(_COMMON)
        points = {Outcome.PASSED: 2.0, Outcome.PARTIAL: 0.75}.get(outcome, 0.0)
        wrong = outcome in (Outcome.PARTIAL, Outcome.FAILED)
        named = f"{name}.mistake_{source.randrange(4)}" if wrong and source.random() < 0.8 else None
        evidence = source.choice(list(Evidence)) if named else None
        message = f"{name} is right in 1 of 4 groups.\nWhat this looks like: a sentence."
        yield TestResult(
            f"test_{name}", name, points, 2.0, outcome, named, message=message if wrong else "",
            evidence=evidence,
        )  # fmt: skip
    waits = source.random() < 0.7
    kind = Outcome.NEEDS_MANUAL_GRADE if waits else Outcome.FAILED
    yield TestResult(f"why_{notebook}", f"why_{notebook}", 0.0, 3.0, kind, message="Not answered.")
