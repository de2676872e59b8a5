"""Grade answers, each in its notebook, whose other answers are the reference."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import nbformat

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.release.samples import Samples, answered, reference_answers
from autograder.results import NotebookResult, Outcome
from autograder.sandbox.affinity import usable_cores
from autograder.workers.pool import Pool
from autograder.workers.worker import Task, Work
from benchmarks.naming.answers import Answer

NO_EXERCISE = "no such exercise"
NOT_PYTHON = "not Python"
NOT_GRADED = (NO_EXERCISE, NOT_PYTHON)


@dataclass(frozen=True)
class Verdict:
    """The verdict on one answer. ``outcome`` is one of NOT_GRADED if it could not be graded."""

    id: str
    exercise: str
    outcome: str
    points: float = 0.0
    max_points: float = 0.0
    diagnosis: str | None = None
    evidence: str | None = None
    also: tuple[str, ...] = ()
    message: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether it was graded and lost points."""
        graded = self.outcome not in (*NOT_GRADED, Outcome.GRADER_ERROR)
        return graded and self.points < self.max_points

    @property
    def document(self) -> dict[str, Any]:
        """The line of the JSON file."""
        return {**asdict(self), "also": list(self.also)}


def exercises(course: Course) -> dict[str, NotebookBundle]:
    """The notebook of each exercise with a test and an answer of its own."""
    assignments = sorted(path.parent.name for path in course.source.glob("*/[0-9]*_*.*"))
    return {
        cell.exercise: bundle
        for assignment in dict.fromkeys(assignments)
        for bundle in load_assignment(course, assignment)
        for cell in bundle.tests
        if bundle.answer_for(cell.exercise) is not None
    }


def graded(
    course: Course,
    answers: Sequence[Answer],
    sandbox: str = "",
    workers: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Verdict]:
    """The verdict on each answer, as they finish."""
    places = exercises(course)
    by_assignment: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.exercise not in places:
            yield Verdict(answer.id, answer.exercise, NO_EXERCISE)
        elif problem := _python_problem(answer.code):
            yield Verdict(answer.id, answer.exercise, NOT_PYTHON, message=problem)
        else:
            assignment = places[answer.exercise].assignment
            by_assignment.setdefault(assignment, []).append(answer)
    total, done = sum(map(len, by_assignment.values())), 0
    for assignment, group in by_assignment.items():
        for verdict in _graded_in(course, assignment, group, places, sandbox, workers):
            done += 1
            if on_progress is not None:
                on_progress(done, total)
            yield verdict


def _graded_in(
    course: Course,
    assignment: str,
    answers: Sequence[Answer],
    places: dict[str, NotebookBundle],
    sandbox: str,
    workers: int,
) -> Iterator[Verdict]:
    by_id = {answer.id: answer for answer in answers}
    used = {places[answer.exercise].name: places[answer.exercise] for answer in answers}
    work = Work(
        course.root,
        course.settings,
        sandbox or course.settings.sandbox,
        tuple(used.values()),
        b"naming",
    )
    samples = Samples(course, assignment)
    count = min(workers or course.settings.workers or len(usable_cores()), len(answers))
    tasks = (_task(samples, places[answer.exercise], answer) for answer in answers)
    with Pool(work, count) as pool:
        for task, found in pool.grade(tasks):
            yield _verdict(by_id[task.student], found.result)


def _task(samples: Samples, bundle: NotebookBundle, answer: Answer) -> Task:
    """The notebook with this answer, and only its tests."""
    cell = bundle.answer_for(answer.exercise)
    assert cell is not None
    texts = {**reference_answers(bundle), cell.grade_id: answer.code}
    data = nbformat.writes(answered(samples.released(bundle), texts)).encode()
    return Task(
        answer.id,
        bundle.name,
        f"{bundle.name}.ipynb",
        data,
        samples.weights,
        exercises=frozenset({answer.exercise}),
    )


def _verdict(answer: Answer, result: NotebookResult) -> Verdict:
    tests = [test for test in result.tests if test.exercise == answer.exercise]
    if not tests:
        return Verdict(answer.id, answer.exercise, result.outcome)
    named = next((test for test in tests if test.diagnosis), tests[0])
    return Verdict(
        answer.id,
        answer.exercise,
        max((test.outcome for test in tests), key=lambda outcome: outcome.badness),
        sum(test.points for test in tests),
        sum(test.max_points for test in tests),
        named.diagnosis,
        getattr(named, "evidence", None),
        named.also,
        named.message,
    )


def _python_problem(code: str) -> str:
    """Why a cell is not Python; lines of magics are left out, as IPython reads them."""
    try:
        ast.parse(re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", code))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return ""
