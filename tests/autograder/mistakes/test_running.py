from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.checks import CheckContext, CheckResult, check, checking
from autograder.course.layout import Course
from autograder.course.source import load_assignment, load_bundle
from autograder.errors import SourceError
from autograder.grading.test_cell import TestCell
from autograder.mistakes.running import running_mistakes
from autograder.release.release import release, stale
from autograder.results import TestResult
from tests.courses.adding import write_course
from tests.courses.build import forget_solutions

CHECK = '    points=2,\n    groups={"small numbers"'


def edit(course: Course, old: str, new: str) -> None:
    path = course.source / "tiny" / "01_tiny.py"
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def test_other_points_in_the_header_than_in_the_check_stop_everything(tiny_course: Course) -> None:
    edit(tiny_course, '"points": 2,', '"points": 4,')
    told = (
        "a mistake of the course, in source/tiny/01_tiny.py, cell test_add: its header says 4 "
        "points, its check gives 2. Make them the same"
    )
    for action in (release, stale, load_assignment):
        with pytest.raises(SourceError) as caught:
            action(tiny_course, "tiny")
        assert str(caught.value) == told
    assert not tiny_course.assignments.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [("sum([1, 1, 1])", "its header says 2 points, its check gives 3"), ("sum([1, 1])", "")],
)
def test_points_that_are_computed_are_found_by_running_the_reference(
    tiny_course: Course, given: str, said: str
) -> None:
    edit(tiny_course, CHECK, CHECK.replace("points=2", f"points={given}"))
    bundles = [load_bundle(tiny_course.source / "tiny" / "01_tiny.py")]
    found = running_mistakes(tiny_course, bundles, {}, {})
    place = "a mistake of the course, in source/tiny/01_tiny.py, cell test_add: "
    assert found == ([f"{place}{said}. Make them the same"] if said else [])


def test_the_release_runs_what_only_running_can_tell(tiny_course: Course) -> None:
    edit(tiny_course, CHECK, CHECK.replace("points=2", "points=sum([1, 1, 1])"))
    with pytest.raises(SourceError, match="its check gives 3"):
        release(tiny_course, "tiny")
    assert not tiny_course.assignments.exists()


class Runs:
    """The test cells that ran, by the name of the exercise and whether the check explains."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, bool]] = []
        plain = TestCell.run

        def run(cell: TestCell, *args: Any, **kwargs: Any) -> TestResult:
            self.seen.append((cell.cell.exercise, args[2].explains))
            return plain(cell, *args, **kwargs)

        monkeypatch.setattr(TestCell, "run", run)


def test_an_exercise_that_has_not_changed_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = write_course(tmp_path)
    runs = Runs(monkeypatch)
    release(course, "sums")
    assert runs.seen == [("add", True), ("add", False)]  # the reference, and one misconception
    release(course, "sums")
    lesson = course.source / "sums" / "01_adding.py"
    lesson.write_text(lesson.read_text().replace("# # Sums", "# # All sums"))
    release(course, "sums")
    assert len(runs.seen) == 2
    bank = course.source / "sums" / "exercises" / "add" / "misconceptions.toml"
    bank.write_text(bank.read_text().replace("a - b", "a * b"))
    assert stale(course, "sums") == ["solutions/sums/judged.json is out of date"]
    release(course, "sums")
    assert len(runs.seen) == 4


def test_checks_use_the_reference_of_this_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = write_course(tmp_path)
    release(course, "sums")
    lesson = course.source / "sums" / "01_adding.py"
    lesson.write_text(lesson.read_text().replace("a + b", "a + b + 1").replace("== 3", "== 4"))
    bank = course.source / "sums" / "exercises" / "add" / "misconceptions.toml"
    bank.write_text(bank.read_text().replace('"a + b"', '"a + b + 1"'))
    forget_solutions(monkeypatch)
    other = ModuleType("solutions")  # of another course
    monkeypatch.setitem(sys.modules, "solutions", other)
    release(course, "sums")
    assert [name for name in sys.modules if name.startswith("solutions")] == ["solutions"]
    assert sys.modules["solutions"] is other


def test_a_check_that_does_not_explain_stops_at_the_first_wrong_case() -> None:
    calls = []

    def wrong(a: int, b: int) -> int:
        calls.append((a, b))
        return a - b

    def judge() -> CheckResult:
        return check(
            wrong,
            lambda a, b: a + b,
            lambda draw, size: (draw.integer(1, size), draw.integer(1, size)),
            groups={"small": dict(size=9), "large": dict(size=99)},
            sizes=dict(size=(1, 9)),
            extras=None,
        )

    with checking(CheckContext(explains=False)):
        assert judge().points == 0
    assert len(calls) <= 2  # the cases of a check are sent together
    few = len(calls)
    judge()
    assert len(calls) - few > few
