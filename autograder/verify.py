"""Grade the graders: the reference earns everything, the stub nothing, every misconception is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat

from autograder.bundle import NotebookBundle, load_assignment
from autograder.class_notebook import answered, reference_answers, released_notebook
from autograder.course import Course
from autograder.misconceptions import WrongAnswer, load_bank
from autograder.pool import Pool
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.worker import Task, Work

NAMED_SHARE = 0.95
_REFERENCE = "reference"
_STUB = "untouched release"


@dataclass
class Verification:
    """What was found for one notebook. ``problems`` is empty when the graders are right."""

    notebook: str
    exercises: int
    misconceptions: int
    named: int = 0
    problems: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def named_share(self) -> float:
        return self.named / self.misconceptions if self.misconceptions else 1.0


def verify(
    course: Course,
    assignment: str,
    sandbox: str = "",
    workers: int = 0,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> list[Verification]:
    """Grade the reference, the untouched release and every misconception of an assignment.

    Raises UsageError when the assignment was not released.
    """
    bundles = load_assignment(course, assignment)
    banks = {bundle.name: load_bank(bundle) for bundle in bundles}
    tasks = [task for bundle in bundles for task in _tasks(course, bundle, banks[bundle.name])]
    found: dict[tuple[str, str], NotebookResult] = {}
    kind = sandbox or course.settings.sandbox
    work = Work(course.root, course.settings, kind, tuple(bundles), b"verify")
    with Pool(work, workers or course.settings.workers or 2) as pool:
        for task, result in pool.grade(tasks):
            found[task.notebook, task.student] = result
            if on_progress is not None:
                on_progress(len(found), len(tasks), task.student)
    return [
        _judged(bundle, banks[bundle.name], {k[1]: r for k, r in found.items() if k[0] == bundle.name})
        for bundle in bundles
    ]


def _tasks(course: Course, bundle: NotebookBundle, bank: list[WrongAnswer]) -> list[Task]:
    released = released_notebook(course, bundle)
    right = reference_answers(bundle)
    notebooks = {_REFERENCE: answered(released, right), _STUB: released}
    for wrong in bank:
        cell = bundle.answer_for(wrong.exercise)
        if cell is not None:
            notebooks[wrong.id] = answered(released, {**right, cell.grade_id: wrong.code})
    return [
        Task(name, bundle.name, f"{bundle.name}.ipynb", nbformat.writes(notebook).encode())
        for name, notebook in notebooks.items()
    ]


def _judged(
    bundle: NotebookBundle, bank: list[WrongAnswer], results: dict[str, NotebookResult]
) -> Verification:
    said = Verification(bundle.name, len(bundle.answers), len(bank))
    for test in _tests(bundle, results[_REFERENCE]):
        if test.outcome is not Outcome.PASSED:
            said.problems.append(f"the reference fails {test.grade_id}: {_why(test)}")
    for test in _tests(bundle, results[_STUB]):
        if test.points > 0 or test.outcome is not Outcome.FAILED:
            said.problems.append(
                f"the untouched release gets {test.points:g} in {test.grade_id} ({test.outcome})"
            )
    without = {answer.exercise for answer in bundle.answers} - {wrong.exercise for wrong in bank}
    said.problems += [f"{exercise} has no misconceptions" for exercise in sorted(without)]
    for wrong in bank:
        _judge_one(said, wrong, _tests(bundle, results[wrong.id]))
    if said.named_share < NAMED_SHARE:
        said.problems.append(
            f"only {said.named} of {said.misconceptions} misconceptions are named "
            f"({said.named_share:.0%}, expected {NAMED_SHARE:.0%})"
        )
    return said


def _judge_one(said: Verification, wrong: WrongAnswer, tests: list[TestResult]) -> None:
    for test in tests:
        own = test.exercise == wrong.exercise
        if own and test.points >= test.max_points:
            said.problems.append(f"{wrong.id} earns full points")
        if own and test.outcome in (Outcome.GRADER_ERROR, Outcome.TIMED_OUT):
            said.problems.append(f"{wrong.id} ends in {test.outcome}: {_why(test)}")
        if not own and test.points < test.max_points:
            said.problems.append(f"{wrong.id} loses points in {test.exercise}: {_why(test)}")
        if own and test.diagnosis == wrong.id:
            said.named += 1
        elif own and wrong.id in test.log:
            said.ambiguous.append(f"{wrong.id} behaves like {test.diagnosis}, which is named first")
        elif own:
            said.unnamed.append(f"{wrong.id} is diagnosed as {test.diagnosis}")


def _tests(bundle: NotebookBundle, result: NotebookResult) -> list[TestResult]:
    manual = {cell.grade_id for cell in bundle.manual}
    return [test for test in result.tests if test.grade_id not in manual]


def _why(test: TestResult) -> str:
    return (test.log.strip() or test.message.strip() or test.outcome.value)[-600:]
