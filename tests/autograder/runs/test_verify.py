from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autograder.course.answers import answers_path, load_answers
from autograder.course.layout import Course
from autograder.course.misconceptions import load_bank
from autograder.course.source import NotebookBundle
from autograder.errors import UsageError
from autograder.notebooks.notebook import read_notebook
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs import verify as verify_module
from autograder.runs.trivial import RETURNS
from autograder.runs.verify import Verification, verify
from autograder.workers.worker import Graded, Task, Work

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def test_a_course_whose_graders_are_right_passes(released: Course) -> None:
    seen: list[tuple[int, int, str]] = []
    (found,) = verify(released, "tiny", workers=1, on_progress=lambda *at: seen.append(at))
    assert found == Verification("01_tiny", 2, 3, named=3)
    assert found.passed
    assert found.named_share == 1.0
    done, total, _ = seen[-1]
    assert done == total
    assert any("reference" in what for _, _, what in seen)


def write_answers(course: Course, right: str = "", wrong: str = "") -> None:
    """Write the answers to the exercise ``add``."""
    for kind, text in (("right", right), ("wrong", wrong)):
        path = answers_path(course.source / "tiny", "add", kind)  # type: ignore[arg-type]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


RIGHT = """\
# %% a lambda
add = lambda a, b: b + a

# %% a sum
def add(a, b):
    return sum([a, b])
"""
WRONG = """\
# %% nothing
def add(a, b):
    return 0

# %% small numbers only
def add(a, b):
    return (a + b) % 1000
"""


def test_right_answers_earn_everything_and_wrong_ones_lose_points(released: Course) -> None:
    write_answers(released, RIGHT, WRONG)
    (found,) = verify(released, "tiny", workers=1)
    assert found == Verification("01_tiny", 2, 3, named=3, right=2, wrong=2)
    shares = {name: share for name, share in found.earned.items() if name.startswith("add")}
    assert shares == {
        "add.subtracts": 0.0,
        "add/wrong.py: nothing": 0.0,
        "add/wrong.py: small numbers only": 0.5,
    }


def test_answers_in_the_wrong_file_are_problems(released: Course) -> None:
    write_answers(released, right=WRONG, wrong=RIGHT)
    (found,) = verify(released, "tiny", workers=1)
    assert [line.partition(" in add:")[0] for line in found.problems] == [
        "add/right.py: nothing loses points",
        "add/right.py: small numbers only loses points",
        "add/wrong.py: a lambda earns full points",
        "add/wrong.py: a sum earns full points",
    ]
    assert found.document["problems"] == found.problems
    assert (found.document["right"], found.document["passed"]) == (2, False)


def test_an_assignment_that_was_not_released_is_a_usage_error(tiny_course: Course) -> None:
    with pytest.raises(UsageError, match="run `autograder release tiny` first"):
        verify(tiny_course, "tiny")


# Below, results are made up from the cells of a notebook, without a student's process.

LOST = {"points": 0.0, "outcome": Outcome.FAILED}
Changes = dict[str, dict[str, Any]]  # grade_id -> fields of its result


def made_up(bundle: NotebookBundle, changes: Changes) -> NotebookResult:
    """A result with all points but for the changes."""
    tests = []
    for cell in bundle.graded:
        fields = {
            "points": cell.points,
            "outcome": Outcome.PASSED,
            **changes.get(cell.grade_id, {}),
        }
        tests.append(TestResult(cell.grade_id, cell.exercise, max_points=cell.points, **fields))
    return NotebookResult("x", "tiny", "01_tiny", tuple(tests))


Judge = Callable[..., Verification]


@pytest.fixture
def judged(released: Course, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """``judged({id: changes})``: the findings if an answer has these results and others are right."""

    def run(behaviour: dict[str, Changes], tested: frozenset[str] | None = None) -> Verification:
        class MadeUp:
            def __init__(self, work: Work, workers: int) -> None:
                (self.bundle,) = work.bundles
                self.bank = load_bank(self.bundle)
                self.right = load_answers(self.bundle, "right")
                self.wrong = load_answers(self.bundle, "wrong")

            def __enter__(self) -> MadeUp:
                return self

            def __exit__(self, *exc: object) -> None: ...

            def grade(self, tasks: list[Task]) -> Iterator[tuple[Task, Graded]]:
                for task in tasks:
                    result = made_up(self.bundle, self.changes(task))
                    ran = task.exercises if tested is None else tested
                    kept = [t for t in result.tests if ran is None or t.exercise in ran]
                    yield task, Graded(replace(result, tests=tuple(kept)))

            def changes(self, task: Task) -> Changes:
                sources = [cell.source for cell in read_notebook(task.data).cells]
                if task.student == "untouched release":
                    stub = {cell.grade_id: LOST for cell in self.bundle.tests}
                    return stub | behaviour.get("stub", {})
                if task.student in RETURNS:
                    nothing = {cell.grade_id: LOST for cell in self.bundle.tests}
                    return nothing | behaviour.get(task.student, {})
                found = dict(behaviour.get("reference", {}))
                for wrong in self.bank:
                    if wrong.code in sources:
                        due = {f"test_{wrong.exercise}": {**LOST, "diagnosis": wrong.id}}
                        found |= behaviour.get(wrong.id, due)
                for answer in self.right + self.wrong:
                    if answer.code in sources:
                        due = {f"test_{answer.exercise}": LOST} if answer in self.wrong else {}
                        found |= behaviour.get(answer.id, due)
                return found

        monkeypatch.setattr(verify_module, "Pool", MadeUp)
        (found,) = verify(released, "tiny")
        return found

    return run


ADD = {"test_add": {**LOST, "diagnosis": "add.subtracts"}}


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (
            {"reference": {"test_add": {**LOST, "message": "why"}}},
            "the reference loses points in add: why",
        ),
        (
            {"reference": {"test_add": {"outcome": Outcome.GRADER_ERROR, "log": "our log"}}},
            "the reference loses points in add: our log",
        ),
        (
            {"stub": {"test_add": {"points": 0.5, "outcome": Outcome.PARTIAL}}},
            "the untouched release gets 0.5 in test_add (partial)",
        ),
        (
            {"stub": {"test_add": {"points": 0.0, "outcome": Outcome.CRASHED}}},
            "the untouched release gets 0 in test_add (crashed)",
        ),
        (
            {"zeros": {"test_scale": {"points": 3.5, "outcome": Outcome.PARTIAL}}},
            "scale: a function that returns zeros earns 3.5 of 7 points; join the groups",
        ),
        ({"add.subtracts": {}}, "add.subtracts earns full points"),
        (
            {"add.subtracts": {"test_add": {"points": 0.0, "outcome": Outcome.TIMED_OUT}}},
            "add.subtracts ends in timed_out",
        ),
        (
            {"scale.adds": {"test_scale": {**LOST, "diagnosis": "scale.adds"}, "test_add": LOST}},
            "scale.adds loses points in add",
        ),
        ({"add.subtracts": {"test_add": LOST}}, "only 2 of 3 misconceptions are named (67%"),
    ],
)
def test_a_grader_that_is_wrong_is_named(
    judged: Judge, behaviour: dict[str, Changes], problem: str
) -> None:
    found = judged(behaviour)
    assert not found.passed
    assert any(problem in line for line in found.problems), found.problems


def test_right_results_have_no_problem(judged: Judge) -> None:
    assert judged({}) == Verification("01_tiny", 2, 3, named=3)


def test_a_misconception_whose_test_did_not_run_is_a_problem(judged: Judge) -> None:
    found = judged({}, tested=frozenset({"add"}))
    assert "scale.adds was not tested" in found.problems


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (
            {"add/right.py: a lambda": {"test_add": {**LOST, "message": "why"}}},
            "add/right.py: a lambda loses points in add: why",
        ),
        (
            {"add/right.py: a sum": {"test_scale": {**LOST, "message": "why"}}},
            "add/right.py: a sum loses points in scale: why",
        ),
        ({"add/wrong.py: nothing": {}}, "add/wrong.py: nothing earns full points"),
        (
            {"add/wrong.py: nothing": {"test_add": {**LOST, "outcome": Outcome.TIMED_OUT}}},
            "add/wrong.py: nothing ends in timed_out",
        ),
    ],
)
def test_a_sample_answer_with_other_points_is_a_problem(
    judged: Judge, released: Course, behaviour: dict[str, Changes], problem: str
) -> None:
    write_answers(released, RIGHT, WRONG)
    found = judged(behaviour)
    assert [line.partition(": timed")[0] for line in found.problems] == [problem]
    assert (found.named, found.right, found.wrong) == (3, 2, 2)


def test_open_questions_are_left_to_people(judged: Judge) -> None:
    assert judged({"reference": {"why": LOST}}).passed


def test_misconceptions_that_behave_alike_are_listed_and_not_counted_as_named(
    judged: Judge,
) -> None:
    alike = {**LOST, "diagnosis": "scale.adds", "also": ("scale.last_row_forgotten",)}
    found = judged({"scale.last_row_forgotten": {"test_scale": alike}})
    assert found.ambiguous == [
        "scale.last_row_forgotten behaves like scale.adds, which is named first"
    ]
    assert found.named == 2


def test_an_id_that_is_part_of_another_is_not_taken_for_it(judged: Judge) -> None:
    alike = {**LOST, "diagnosis": "scale.x", "also": ("scale.adds_more", "my.scale.adds")}
    found = judged({"scale.adds": {"test_scale": alike}})
    assert found.ambiguous == []
    assert found.unnamed == ["scale.adds is diagnosed as scale.x"]


def test_an_exercise_without_misconceptions_is_a_problem(judged: Judge, released: Course) -> None:
    (released.source / "tiny" / "misconceptions" / "add.toml").unlink()
    assert judged({}).problems == ["add has no misconceptions"]


def test_the_share_of_names_of_an_empty_bank_is_whole() -> None:
    assert Verification("n", 1, 0).named_share == 1.0
    assert Verification("n", 1, 4, named=3).named_share == 0.75
