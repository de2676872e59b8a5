from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.checks import CheckContext, Misconception
from autograder.checks.context import current
from autograder.course.source import SourceCell
from autograder.grading.test_cell import GRADER_FAILED, MAX_MESSAGE, Names, TestCell
from autograder.proxy.errors import StudentError, WallFailure, student_error
from autograder.results import Outcome, TestResult
from autograder.wall.messages import ErrorReport

HIDDEN = "### BEGIN HIDDEN TESTS\n"
CHECK = """
from autograder.checks import check
check(f, lambda x: x + 1, lambda draw, n: (draw.integer(1, n),), points=2,
      groups={"small": dict(n=9), "large": dict(n=10**6)}, extras=None, name="f")
"""


def cell(source: str, points: float = 2.0) -> TestCell:
    return TestCell(SourceCell(3, "code", source, "test_f", "f", frozenset(), True, False, points))


def run(
    source: str,
    student: dict[str, Any] | Callable[[str], Any] | None = None,
    points: float = 2.0,
    setup: dict[str, Any] | None = None,
    context: CheckContext | None = None,
) -> TestResult:
    find = student if callable(student) else (student or {}).__getitem__
    return cell(source, points).run(dict(setup or {}), find, context or CheckContext(7))


def error_of(kind: str, text: str = "no") -> StudentError:
    return student_error(
        ErrorReport(
            type=kind,
            text=text,
            builtins=(kind, "Exception"),
            traceback=("line 1", "line 2"),
            out_of_memory=kind == "MemoryError",
        )
    )


def raising(error: BaseException) -> Callable[..., Any]:
    def f(*args: Any) -> Any:
        raise error

    return f


# -- points --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "points", "outcome"),
    [
        ("assert f(1) == 2", 2, Outcome.PASSED),
        ("assert f(1) == 3", 0, Outcome.FAILED),
        ("assert f(1) == 2\n1.5", 1.5, Outcome.PARTIAL),
        ("2", 2, Outcome.PASSED),
        ("2.0", 2, Outcome.PASSED),
        ("0", 0, Outcome.FAILED),
        ("0.0", 0, Outcome.FAILED),
        ("1\nx = 5", 2, Outcome.PASSED),
        ("'hello'", 2, Outcome.PASSED),
        ("None", 2, Outcome.PASSED),
        ("assert f(1) == 3\n2", 0, Outcome.FAILED),
        (f"assert f(1) == 3\n{HIDDEN}2", 0, Outcome.FAILED),
        (f"assert f(1) == 2\n{HIDDEN}assert f(2) == 4", 0, Outcome.FAILED),
        (CHECK, 2, Outcome.PASSED),
    ],
)
def test_the_points_of_a_cell(source: str, points: float, outcome: Outcome) -> None:
    result = run(source, {"f": lambda x: x + 1})
    assert (result.points, result.outcome) == (points, outcome)
    assert result.max_points == 2
    assert (result.grade_id, result.exercise) == ("test_f", "f")


@pytest.mark.parametrize(
    "value", ["3", "-1", "2.5", "float('nan')", "float('inf')", "-0.5", "10**400"]
)
def test_a_number_that_is_no_number_of_points_is_our_mistake(value: str) -> None:
    result = run(value)
    assert (result.points, result.outcome) == (0, Outcome.GRADER_ERROR)
    assert result.message == GRADER_FAILED
    assert "no number of points between 0 and 2" in result.log
    assert result.mistake == result.log


def test_a_check_worth_other_points_than_its_cell_is_our_mistake() -> None:
    result = run(CHECK, {"f": lambda x: x + 1}, points=3)
    assert (result.points, result.outcome) == (0, Outcome.GRADER_ERROR)
    assert result.mistake == result.log
    assert result.mistake == "its header says 3 points, its check gives 2. Make them the same"


# -- faults on the student's side ----------------------------------------------------------------


def test_the_student_s_exception_is_an_error_with_the_student_s_own_traceback() -> None:
    result = run("f(1)", {"f": raising(error_of("ValueError", "bad size"))})
    assert (result.points, result.outcome) == (0, Outcome.ERROR)
    assert result.message == "f raised ValueError: bad size\nline 1\nline 2"


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [
        ("NotImplementedError", Outcome.FAILED, "f is not written yet."),
        ("NameError", Outcome.FAILED, "f raised NameError"),
        ("MemoryError", Outcome.OUT_OF_MEMORY, "f raised MemoryError"),
        ("AssertionError", Outcome.ERROR, "f raised AssertionError"),
        ("ImportError", Outcome.ERROR, "f raised ImportError"),
        ("SystemExit", Outcome.ERROR, "f raised SystemExit"),
    ],
)
def test_kinds_of_exceptions_have_their_own_outcomes(
    kind: str, outcome: Outcome, words: str
) -> None:
    for source in ("f(1)", f"{HIDDEN}f(1)"):
        result = run(source, {"f": raising(error_of(kind))})
        assert (result.points, result.outcome) == (0, outcome)
        assert result.message.startswith(words)
        assert result.unwritten is (kind == "NotImplementedError")


def test_the_hidden_check_explains_even_when_the_visible_part_has_failed() -> None:
    result = run(f"assert f(1) == 2, 'f(1) is wrong'\n{HIDDEN}{CHECK}", {"f": lambda x: x - 1})
    assert (result.points, result.outcome) == (0, Outcome.FAILED)
    assert result.message.startswith("f(1) is wrong\n")
    assert "Smallest failing case" in result.message
    assert "f(1) is wrong" in result.html


def test_visible_lines_after_a_failed_one_are_not_run() -> None:
    result = run("assert False, 'first'\nassert False, 'second'", {})
    assert result.message == "first"


def test_a_cell_without_an_answer_ends_there() -> None:
    calls: list[int] = []

    def f(x: int) -> int:
        calls.append(x)
        raise error_of("NotImplementedError")

    run(f"f(1)\n{HIDDEN}f(2)", {"f": f})
    assert calls == [1]


def test_a_name_that_is_missing_is_a_failed_test_that_names_it() -> None:
    result = run("f(1)")
    assert (result.points, result.outcome) == (0, Outcome.FAILED)
    assert result.message.startswith("f is not defined. Did the cell that defines it run")


def test_a_lost_process_is_its_own_outcome_and_nothing_after_it_runs() -> None:
    lost = raising(WallFailure(Outcome.TIMED_OUT, "too slow"))
    for source in ("f(1)\n2", f"f(1)\n{HIDDEN}2", f"{HIDDEN}f(1)\n2"):
        result = run(source, {"f": lost})
        assert (result.points, result.outcome, result.message) == (0, Outcome.TIMED_OUT, "too slow")


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f(1)\nexcept Exception:\n    pass\n2",
        "import contextlib\nwith contextlib.suppress(Exception):\n    f(1)\n2",
    ],
)
def test_a_test_that_swallows_exceptions_cannot_swallow_a_lost_process(source: str) -> None:
    result = run(source, {"f": raising(WallFailure(Outcome.CRASHED, "gone"))})
    assert (result.points, result.outcome) == (0, Outcome.CRASHED)


@pytest.mark.parametrize(
    "value", [None, "text", [1], {}, object(), torch.ones(3), 1j, lambda: 1, float("nan")]
)
def test_a_test_that_cannot_use_a_returned_value_fails_and_is_not_our_error(value: Any) -> None:
    result = run("y = f(1).shape[5] + [3][f(1)]\n2", {"f": lambda x: value})
    assert (result.points, result.outcome) == (0, Outcome.FAILED)
    assert "could not use what f returned" in result.message


def test_a_message_never_grows_without_bound() -> None:
    result = run("assert False, f(1)", {"f": lambda x: "x" * 10**7})
    assert len(result.message) <= MAX_MESSAGE + 10
    assert len(result.html) < 2 * MAX_MESSAGE


def test_markup_in_what_a_student_returned_or_raised_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    returned = run("assert f(1) == 2, f(1)", {"f": lambda x: evil})
    thrown = run("f(1)", {"f": raising(error_of("ValueError", evil))})
    checked = run(CHECK, {"f": lambda x: evil})
    for result in (returned, thrown, checked):
        assert "<script" not in result.html
        assert "alert(1)" in result.html


# -- faults of the grader ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import no_module_of_this_name",
        "from solutions import nothing",
        "from autograder.checks import check\ncheck(f, 5, None, points=2, groups={})",
        "from autograder.checks import probe\nprobe(lambda f: nowhere(f))(f)",
        "from autograder.checks import Call\nCall(1, no=2).by_place(lambda x: x)",
        CHECK.replace("lambda x: x + 1", "lambda x: x / 0"),
        CHECK.replace("draw.integer(1, n),", "draw.nothing,"),
        CHECK.replace("points=2", "points=2, forbid='no such rule'"),
        CHECK.replace("groups=", "sizes=dict(n=(1, 2)), where=lambda n: False, groups="),
    ],
)
def test_a_mistake_of_the_course_is_a_grader_error_and_never_a_zero_of_the_student(
    source: str,
) -> None:
    result = run(source, {"f": lambda x: x + 1})
    assert (result.points, result.outcome) == (0, Outcome.GRADER_ERROR)
    assert result.message == GRADER_FAILED
    assert "Traceback" in result.log
    assert "Traceback" not in result.html


# -- names and the context -----------------------------------------------------------------------


def test_names_of_the_test_and_of_python_are_never_the_student_s() -> None:
    patched = {"len": lambda x: 99, "expect": None, "f": len, "isinstance": lambda *a: True}
    setup = {"expect": lambda got, wanted: got == wanted}
    source = (
        "assert expect(len([1]), 1)\nassert not isinstance(1, str)\nhelper = 5\nassert helper == 5"
    )
    assert run(source, patched, setup=setup).outcome is Outcome.PASSED


def test_a_name_is_asked_for_once_and_found_inside_functions_and_comprehensions() -> None:
    asked: list[str] = []

    def find(name: str) -> Any:
        asked.append(name)
        return lambda x: x + 1

    source = (
        "def g(x):\n    return f(x)\nassert [f(i) for i in range(3)] == [g(i) for i in range(3)]"
    )
    assert run(source, find).outcome is Outcome.PASSED
    assert asked == ["f"]


def test_special_names_are_never_asked_for() -> None:
    names = Names({}, lambda name: pytest.fail(f"asked for {name}"))
    for name in ("__builtins__", "__file__", "__import__", *dir(builtins)):
        with pytest.raises(KeyError):
            names[name]


def test_what_one_cell_defines_is_not_there_in_the_next() -> None:
    setup: dict[str, Any] = {}
    one = cell("leftover = 1\n2")
    assert one.run(setup, {}.__getitem__, CheckContext()).outcome is Outcome.PASSED
    assert "leftover" not in setup


def test_what_the_test_prints_is_kept_apart_from_the_verdict() -> None:
    result = run("print('ok', f(1))\n2", {"f": lambda x: x})
    assert result.printed == "ok 1\n"
    assert run("print('x' * 10**7)\n2").printed == "x" * (1 << 20)


def test_a_check_knows_the_seed_and_the_misconceptions_of_its_context_only_while_it_runs() -> None:
    wrong = Misconception("f.off_by_one", "One too few.", lambda x: x)
    result = run(CHECK, {"f": lambda x: x}, context=CheckContext(41, (wrong,)))
    assert (result.diagnosis, result.sentence) == ("f.off_by_one", "One too few.")
    assert (result.seed, result.log) == (41, "")
    assert current() == CheckContext()


def test_misconceptions_that_explain_an_answer_as_well_are_listed_behind_the_first() -> None:
    alike = [Misconception(f"f.{name}", "One too few.", lambda x: x) for name in ("one", "two")]
    other = Misconception("f.three", "Two too many.", lambda x: x + 3)
    result = run(CHECK, {"f": lambda x: x}, context=CheckContext(41, (*alike, other)))
    assert (result.diagnosis, result.also) == ("f.one", ("f.two",))


def test_output_of_hidden_cases_is_dropped_and_that_of_visible_lines_kept() -> None:
    said: list[str] = []

    def f(x: int) -> int:
        said.append(f"f({x}) ")
        return x + 1

    def take() -> str:
        text = "".join(said)
        said.clear()
        return text

    test = cell("print('visible')\nf(1)\n" + HIDDEN + "print('hidden')\nf(2)\n2")
    result = test.run({}, {"f": f}.__getitem__, CheckContext(7), take)
    assert (result.points, result.printed) == (2.0, "visible\nf(1) ")
    assert take() == ""  # and not with the next cell's output
    failing = cell("f(1)\n" + HIDDEN + "f(2)\n1 / 0")
    assert failing.run({}, {"f": f}.__getitem__, CheckContext(7), take).printed == "f(1) "
    assert take() == ""
    whole = cell("f(1)\nprint('open')\n2").run({}, {"f": f}.__getitem__, CheckContext(7), take)
    assert whole.printed == "open\nf(1) "


def test_whose_fault_it_is_does_not_hang_on_the_name_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "solutions" / "theirs"
    folder.mkdir(parents=True)
    (folder / "lib.py").write_text("def half(x):\n    return x / 0\n")
    scope: dict[str, Any] = {"__name__": "lib"}
    exec(compile((folder / "lib.py").read_text(), str(folder / "lib.py"), "exec"), scope)
    setup = {"half": scope["half"]}
    assert run("half(f(1))\n2", {"f": abs}, setup=setup).outcome is Outcome.FAILED
    scope["__name__"] = "solutions.conv.convolution"
    assert run("half(f(1))\n2", {"f": abs}, setup=setup).outcome is Outcome.GRADER_ERROR


def test_random_numbers_of_a_test_are_decided_by_its_seed_alone() -> None:
    source = (
        "import random\nimport numpy as np\n"
        "print(random.random(), np.random.rand(), torch.rand(1))\n2"
    )
    setup = {"torch": torch}
    first = run(source, setup=setup).printed
    torch.manual_seed(5)
    torch.rand(3)
    assert run(source, setup=setup).printed == first
    assert run(source, setup=setup, context=CheckContext(8)).printed != first


PROBE = """
### BEGIN HIDDEN TESTS
from autograder.checks import check, probe


@probe
def twice(f, n):
    return f(n), f(n + 1)


check(f, lambda x: x + 1, lambda draw, n: (draw.integer(1, n),), points=2,
      groups={"small": dict(n=9)}, extras=None, name="f", use=twice)
### END HIDDEN TESTS
"""


def test_a_cell_may_define_a_probe() -> None:
    assert run(PROBE, {"f": lambda x: x + 1}).points == 2
    result = run(PROBE, {"f": lambda x: x})
    assert (result.points, result.outcome) == (0, Outcome.FAILED)
    assert "value 0" in result.message or "expected (" in result.message


def test_a_probe_s_helper_may_stand_below_it_and_a_missing_one_is_the_course_s_mistake() -> None:
    helper = "def both(f, n):\n    return f(n), f(n + 1)\n\n\n"
    source = PROBE.replace("f(n), f(n + 1)", "both(f, n)").replace("check(f", f"{helper}check(f")
    assert run(source, {"f": lambda x: x + 1}).points == 2
    assert run(source, {"f": lambda x: x}).points == 0
    result = run(source.replace("both(f, n)", "other(f, n)", 1), {"f": lambda x: x + 1})
    assert (result.points, result.outcome) == (0, Outcome.GRADER_ERROR)
    assert "the probe twice needs other, which the check does not define" in result.mistake


def test_an_assert_without_words_fails_with_words() -> None:
    result = run("assert f(1) == 3", {"f": lambda x: x + 1})
    assert result.outcome is Outcome.FAILED
    assert result.message.endswith("is not right yet: a condition of its test is false.")
