"""Made-up classes of any size for tests of the report: students of different ability, exercises of
different difficulty."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from autograder.report.class_data import ClassData, Late, State, StudentWork
from autograder.results import Evidence, NotebookResult, Outcome, TestResult, worst

DUE = datetime(2026, 10, 1, 23, 59, tzinfo=UTC)
MADE = datetime(2026, 10, 8, 9, 30, tzinfo=UTC)
NOTEBOOKS = {
    "01_convolution": ("corr2d", "conv2d", "conv2d_output_size", "conv2d_backward", "why_padding"),
    "02_pooling": ("max_pool2d", "avg_pool2d", "max_pool2d_backward", "global_average"),
    "03_normalization": ("batch_norm", "layer_norm", "group_norm", "running_mean", "why_eps"),
    "04_lenet": ("LeNet", "accuracy", "confusion_matrix", "predict"),
}
SENTENCES = (
    "The kernel is flipped: this is a convolution, and cross-correlation was asked for.",
    "The padding is added on one side only.",
    "The stride is used for rows, and forgotten for columns.",
    "The sum runs over the batch as well.",
    "You divide by N where N - 1 is asked for.",
)
GROUPS = (
    "a square",
    "one row",
    "more rows than columns",
    "stride 2",
    "padding",
    "several channels",
)
FIRST = ("Ada", "Björn", "Chloé", "Dmitri", "Emeka", "Fatima", "Grace", "Hồng", "Ivana", "Jun")
LAST = ("Lovelace", "O'Brien", "van der Berg", "Nguyễn", "García Márquez", "Şahin", "Smith", "Wang")


def class_data(students: int, seed: int = 1, named: bool = True) -> ClassData:
    """A class with sections, late work, missing files and an earlier assignment."""
    source = random.Random(seed)
    people = [_student(source, number, named) for number in range(students)]
    return ClassData(
        assignment="conv",
        notebooks=tuple(NOTEBOOKS),
        students=tuple(people),
        made_at=MADE,
        exercises=dict(NOTEBOOKS),
        max_points={
            name: sum(3.0 if one.startswith("why") else 4.0 for one in own)
            for name, own in NOTEBOOKS.items()
        },
        sentences={
            f"{exercise}.mistake_{number}": SENTENCES[number]
            for own in NOTEBOOKS.values()
            for exercise in own
            for number in range(len(SENTENCES))
        },
        earlier="intro",
        late_days=3,
    )


def _student(source: random.Random, number: int, named: bool) -> StudentWork:
    ability = source.gauss(0.0, 1.0)
    one = StudentWork(
        id=f"s{number:04}",
        name=f"{source.choice(FIRST)} {source.choice(LAST)}" if named else "",
        section=("Monday", "Tuesday", "Thursday")[number % 3],
        due_at=DUE,
        versions=1 + min(5, int(source.expovariate(0.8))),
        earlier=min(1.0, max(0.0, 0.7 + 0.15 * ability + source.gauss(0.0, 0.1))),
    )
    if number % 14 == 13:
        return replace(one, has_files=False, due_at=None, versions=0)
    results = {name: _notebook(source, one.id, name, ability) for name in NOTEBOOKS}
    if number % 11 == 10:
        lost = "04_lenet"
        results[lost] = _without(results[lost], Outcome.MISSING)
    if number % 29 == 28:
        lost = "02_pooling"
        results[lost] = _without(results[lost], Outcome.UNREADABLE)
    if number % 37 == 36:
        lost = "01_convolution"
        results[lost] = _without(results[lost], Outcome.GRADER_ERROR)
    hours = source.gauss(-20.0, 22.0) if number % 9 else 30.0
    days = max(0, math.ceil(hours / 24))
    late = Late(days=days, free=min(3, days), days_left=max(0, 3 - days))
    if number % 23 == 22:
        late = Late(doubt="timestamp.txt says “PST”, which has several meanings", days_left=3)
    states = {
        name: State.MISSING if result.outcome is Outcome.MISSING else State.CURRENT
        for name, result in results.items()
    }
    return replace(
        one,
        results=results,
        states=states,
        handed_in={name: DUE + timedelta(hours=hours) for name in NOTEBOOKS},
        late=late,
        unused=("report.pdf: a document cannot be graded.",) if number % 19 == 18 else (),
    )


def _notebook(source: random.Random, student: str, name: str, ability: float) -> NotebookResult:
    tests = tuple(
        _test(source, exercise, ability - 0.35 * place + 0.8)
        for place, exercise in enumerate(NOTEBOOKS[name])
    )
    outcome = worst([test.outcome for test in tests])
    return NotebookResult(student, "conv", name, tests, outcome=outcome, sandbox="bubblewrap")


def _test(source: random.Random, exercise: str, ease: float) -> TestResult:
    if exercise.startswith("why"):
        if source.random() < 0.4:
            return TestResult(exercise, exercise, 0.0, 3.0, Outcome.NEEDS_MANUAL_GRADE)
        points = float(source.choice((1.0, 2.0, 3.0)))
        outcome = Outcome.PASSED if points == 3.0 else Outcome.PARTIAL
        return TestResult(exercise, exercise, points, 3.0, outcome)
    most = 4.0
    name = f"test_{exercise}"
    chance = 1 / (1 + math.exp(-1.6 * ease)) if exercise != "accuracy" else 0.6
    if source.random() < chance:
        return TestResult(name, exercise, most, most, Outcome.PASSED)
    if source.random() < 0.1:
        return TestResult(
            name, exercise, 0.0, most, Outcome.FAILED, message="not written yet", unwritten=True
        )
    wrong = tuple(source.sample(GROUPS, source.randint(1, 4)))
    points = round(most * (1 - len(wrong) / len(GROUPS)), 2) if source.random() < 0.6 else 0.0
    named = source.random() < 0.85
    diagnosis = f"{exercise}.mistake_{int(source.triangular(0, 5, 0))}" if named else None
    return TestResult(
        name, exercise, points, most, Outcome.PARTIAL if points else Outcome.FAILED, diagnosis,
        message=f"{exercise} is right in some groups of cases.", wrong_groups=wrong,
        evidence=Evidence.WHOLE if named else None,
    )  # fmt: skip


def _without(result: NotebookResult, outcome: Outcome) -> NotebookResult:
    tests = tuple(
        TestResult(test.grade_id, test.exercise, 0.0, test.max_points, outcome, log="MemoryError")
        for test in result.tests
    )
    return replace(result, tests=tests, outcome=outcome, notes=(f"{result.notebook}: {outcome}",))


def work_of(result: NotebookResult) -> StudentWork:
    """The work of the student of one result."""
    return StudentWork(result.student, results={result.notebook: result})
