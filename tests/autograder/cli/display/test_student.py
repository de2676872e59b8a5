from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.cli.display.student import student
from autograder.records.by_hand import Entry
from autograder.results import Evidence, NotebookResult, Outcome, TestResult
from tests.courses.class_results import LONG, WIDE, class_results

WRONG = TestResult(
    "test_conv2d", "conv2d", 1.5, 4.0, Outcome.PARTIAL, "conv2d.flipped", ("conv2d.relation_half",),
    "conv2d is right in 2 of 8 groups.\nTraceback:\n    raise [x]", evidence=Evidence.GROUP,
)  # fmt: skip
TESTS = (
    WRONG,
    TestResult("test_pad", "pad", 2.0, 2.0, Outcome.PASSED, message="pad is right."),
    TestResult("why", "why", 0.5, 1.0, Outcome.PARTIAL),
    TestResult("how", "how", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE, message="A person grades it."),
)
ADA = NotebookResult(
    "ada", "conv", "01_convolution", TESTS, outcome=Outcome.PARTIAL, notes=("renamed [it]",),
    time_doubt="it says PST",
)  # fmt: skip
ENTERED = {
    "01_convolution": {
        "why": Entry(0.5, 1.0, replaces=True, waits=False),
        "test_pad": Entry(2.0, 2.0, replaces=False, waits=False),
    }
}


def shown(results: Sequence[NotebookResult], width: int = 80) -> list[str]:
    file = io.StringIO()
    student(Console(width=width, file=file), results, ENTERED)
    return file.getvalue().splitlines()


def test_each_exercise_has_points_outcome_diagnosis_with_evidence_and_message() -> None:
    lines = shown([ADA])
    assert lines == [
        "ada, conv: 4 / 8 points, 1 of 4 exercises graded by hand, 1 to grade by hand",
        "time not clear: it says PST",
        "",
        "01_convolution  4 / 8  partial",
        "  conv2d                     1.5 / 4       partial",
        "    conv2d.flipped (in some groups of cases); also conv2d.relation_half",
        "    conv2d is right in 2 of 8 groups.",
        "    Traceback:",
        "        raise [x]",
        "  pad                        2 / 2         passed (extra credit by hand)",
        "  why                        0.5 / 1       partial (by hand)",
        "  how                        0 / 1         to grade by hand",
        "  note: renamed [it]",
    ]


@pytest.mark.parametrize("evidence", list(Evidence))
def test_every_kind_of_evidence_has_words(evidence: Evidence) -> None:
    test = TestResult("t", "e", 0.0, 1.0, Outcome.FAILED, "e.x", evidence=evidence)
    lines = shown([NotebookResult("ada", "conv", "01_a", (test,), outcome=Outcome.FAILED)])
    assert any(line.startswith("    e.x (in ") for line in lines)


def test_a_missing_notebook_is_one_line_and_its_note() -> None:
    test = TestResult("t", "e", 0.0, 1.0, Outcome.MISSING)
    one = NotebookResult("ada", "conv", "01_a", (test,), outcome=Outcome.MISSING, notes=("gone",))
    assert shown([one])[-2:] == ["01_a  0 / 1  missing", "  note: gone"]


@pytest.mark.parametrize("width", [1, 20, 72, 80])
@pytest.mark.parametrize("name", [LONG, WIDE, "a\x1b[2J"])
def test_long_and_odd_names_break_nothing(width: int, name: str) -> None:
    results = class_results(1, (name, "02_b"), names=(name,))
    lines = shown(results, width)
    assert "\x1b" not in "".join(lines)
    indented = [line for line in lines if line.startswith("    ")]
    assert max((cell_len(line) for line in indented), default=0) <= max(width, 6)
