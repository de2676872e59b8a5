"""Test the tests with sample answers.

The reference and every right answer earn all points, the stub and trivial answers none. Every
misconception and every wrong answer loses points, and misconceptions are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import nbformat

from autograder.course.answers import load_answers
from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer, load_bank
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import UsageError
from autograder.release.samples import Samples, answered, reference_answers
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs.rounds import Answer, Round, right_rounds, rounds
from autograder.runs.trivial import trivial_rounds
from autograder.sandbox.affinity import usable_cores
from autograder.workers.pool import Pool
from autograder.workers.worker import Task, Work

NAMED_SHARE = 0.95
_REFERENCE = "reference"
_STUB = "untouched release"


@dataclass
class Verification:
    """The findings for one notebook. ``problems`` is empty if its tests are right.

    ``earned`` is the share of its exercise's points that each misconception and each wrong answer
    earns.
    """

    notebook: str
    exercises: int
    misconceptions: int
    named: int = 0
    right: int = 0  # answers in right.py
    wrong: int = 0  # answers in wrong.py
    earned: dict[str, float] = field(default_factory=dict, compare=False)
    problems: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def named_share(self) -> float:
        return self.named / self.misconceptions if self.misconceptions else 1.0

    @property
    def document(self) -> dict[str, Any]:
        """The findings, for JSON."""
        return {**asdict(self), "passed": self.passed}


def verify(
    course: Course,
    assignment: str,
    sandbox: str = "",
    workers: int = 0,
    on_progress: Callable[[int, int, str], None] | None = None,
    notebooks: Sequence[str] = (),
) -> list[Verification]:
    """Grade the reference, the untouched release and all sample answers of an assignment.

    Sample answers are the misconceptions, the answers in ``right.py`` and ``wrong.py``, and trivial
    answers (see ``trivial_rounds``).
    ``notebooks`` restricts it to some.

    A few answers to different exercises share a notebook, so that hundreds take minutes. Every
    exercise without a wrong answer that is tested there (see ``rounds``) must keep all its points.
    If one does not, the answers of that notebook are graded again, each alone, to find the cause.

    Raises UsageError if the assignment is not released or has no notebook with a given name.
    """
    bundles = load_assignment(course, assignment)
    if unknown := set(notebooks) - {bundle.name for bundle in bundles}:
        raise UsageError(f"{assignment} has no notebook {', '.join(sorted(unknown))}")
    bundles = [bundle for bundle in bundles if not notebooks or bundle.name in notebooks]
    kind = sandbox or course.settings.sandbox
    work = Work(course.root, course.settings, kind, tuple(bundles), b"verify")
    with Pool(work, workers or course.settings.workers or len(usable_cores())) as pool:
        samples = Samples(course, assignment)
        return [_verify_notebook(samples, bundle, pool, on_progress) for bundle in bundles]


def _verify_notebook(
    samples: Samples,
    bundle: NotebookBundle,
    pool: Pool,
    on_progress: Callable[[int, int, str], None] | None,
) -> Verification:
    bank = load_bank(bundle)
    right, wrong = load_answers(bundle, "right"), load_answers(bundle, "wrong")
    groups = {_STUB: Round(), _REFERENCE: Round()}
    shared = [*right_rounds(right), *rounds(bundle, [*bank, *wrong])]
    groups |= {f"round {number}": group for number, group in enumerate(shared, 1)}
    trivial = trivial_rounds(bundle)
    groups |= trivial
    said = Verification(
        bundle.name, len(bundle.answers), len(bank), right=len(right), wrong=len(wrong)
    )
    scored = {cell.exercise for cell in bundle.tests}
    without = {answer.exercise for answer in bundle.answers if answer.exercise in scored}
    without -= {wrong.exercise for wrong in bank}
    said.problems += [f"{exercise} has no misconceptions" for exercise in sorted(without)]
    alone: dict[str, Round] = {}
    for name, result in _graded(samples, bundle, groups, pool, on_progress):
        tests = _automatic(bundle, result)
        if name == _STUB:
            said.problems += _stub_problems(tests)
            continue
        if name in trivial:
            said.problems += _trivial_problems(name, trivial[name], tests)
            continue
        if name == _REFERENCE:
            said.problems += _failed_tries(result)
        group = groups[name]
        if _losses(bundle, group, tests) and len(group.answers) > 1:
            alone |= group.alone()
        else:
            _judge(said, bundle, group, tests)
    for name, result in _graded(samples, bundle, alone, pool, on_progress):
        _judge(said, bundle, alone[name], _automatic(bundle, result))
    if said.named_share < NAMED_SHARE:
        said.problems.append(
            f"only {said.named} of {said.misconceptions} misconceptions are named "
            f"({said.named_share:.0%}, expected {NAMED_SHARE:.0%})"
        )
    for lines in (said.problems, said.ambiguous, said.unnamed):
        lines.sort()
    return said


def _graded(
    samples: Samples,
    bundle: NotebookBundle,
    groups: dict[str, Round],
    pool: Pool,
    on_progress: Callable[[int, int, str], None] | None,
) -> Iterator[tuple[str, NotebookResult]]:
    """The result of a notebook for each group; the stub is the unchanged release."""
    released = samples.released(bundle)
    tasks = []
    for name, group in groups.items():
        answers = reference_answers(bundle) if name != _STUB else {}
        for exercise, answer in group.answers.items():
            cell = bundle.answer_for(exercise)
            if cell is not None:
                answers[cell.grade_id] = answer.code
        data = nbformat.writes(answered(released, answers)).encode()
        files = samples.weights if name != _STUB else {}
        file_name = f"{bundle.name}.ipynb"
        tasks.append(Task(name, bundle.name, file_name, data, files, exercises=group.tested))
    for done, (task, graded) in enumerate(pool.grade(tasks), 1):
        if on_progress is not None:
            on_progress(done, len(tasks), f"{bundle.name}: {task.student}")
        yield task.student, graded.result


def _automatic(bundle: NotebookBundle, result: NotebookResult) -> list[TestResult]:
    """The tests that no person grades."""
    manual = {cell.grade_id for cell in bundle.manual}
    return [test for test in result.tests if test.grade_id not in manual]


def _failed_tries(result: NotebookResult) -> list[str]:
    return [
        f"the reference fails the visible test {test.grade_id}: {_why(test)}"
        for test in result.tries
        if test.outcome is not Outcome.PASSED
    ]


def _stub_problems(tests: list[TestResult]) -> list[str]:
    return [
        f"the untouched release gets {test.points:g} in {test.grade_id} ({test.outcome})"
        for test in tests
        if test.points > 0 or test.outcome is not Outcome.FAILED
    ]


def _trivial_problems(words: str, group: Round, tests: list[TestResult]) -> list[str]:
    return [
        f"{test.exercise}: a function that returns {words} earns {test.points:g} of "
        f"{test.max_points:g} points; join the groups that it passes with cases that need the "
        f"work. {_groups(test)}"
        for test in tests
        if test.exercise in group.wrong and test.points > 0
    ]


def _groups(test: TestResult) -> str:
    """The lines of a check's message about its groups."""
    first, *lines = test.message.splitlines() or [""]
    return " ".join([first, *(one for one in lines if one.startswith(("Not yet", "Not judged")))])


def _losses(bundle: NotebookBundle, group: Round, tests: list[TestResult]) -> list[TestResult]:
    """Tests of exercises with right answers that lost points.

    A test without its own answer, such as a test of trained weights, depends on other answers: only
    the reference must pass it.
    """
    return [
        test
        for test in tests
        if test.exercise not in group.wrong
        and test.outcome is not Outcome.PASSED
        and (not group.answers or bundle.answer_for(test.exercise) is not None)
    ]


def _judge(
    said: Verification, bundle: NotebookBundle, group: Round, tests: list[TestResult]
) -> None:
    names = ", ".join(answer.id for answer in group.answers.values()) or "the reference"
    for test in _losses(bundle, group, tests):
        said.problems.append(f"{names} loses points in {test.exercise}: {_why(test)}")
    tested = {test.exercise for test in tests}
    said.problems += [
        f"{answer.id} was not tested"
        for exercise, answer in group.answers.items()
        if exercise not in tested
    ]
    for test in tests:
        if (wrong := group.wrong.get(test.exercise)) is not None:
            _judge_wrong(said, wrong, test)


def _judge_wrong(said: Verification, wrong: Answer, test: TestResult) -> None:
    """A wrong answer loses points; if it is a misconception, it is named."""
    said.earned[wrong.id] = round(test.points / test.max_points, 3)
    if test.points >= test.max_points:
        said.problems.append(f"{wrong.id} earns full points")
    if test.outcome in (Outcome.GRADER_ERROR, Outcome.TIMED_OUT):
        said.problems.append(f"{wrong.id} ends in {test.outcome}: {_why(test)}")
    if not isinstance(wrong, WrongAnswer):
        return
    if test.diagnosis == wrong.id:
        said.named += 1
    elif wrong.id in test.also:
        said.ambiguous.append(f"{wrong.id} behaves like {test.diagnosis}, which is named first")
    else:
        said.unnamed.append(f"{wrong.id} is diagnosed as {test.diagnosis}")


def _why(test: TestResult) -> str:
    return (test.log.strip() or test.message.strip() or test.outcome.value)[-600:]
