"""Visible tests without points: they explain, and the hidden tests alone decide the points."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from autograder.course.source import NotebookBundle, load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook, without_verdict
from autograder.grading.session import ONE_TRY, TRIES
from autograder.grading.test_cell import MAX_TRY_PRINTED
from autograder.results import NotebookResult, Outcome, StoredResult, TestResult
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import read_submission
from tests.courses.handed_in import Answers, as_bytes, as_handed_in, cell_of, code
from tests.courses.tiny import FULL, SECRET, Graded, Limited
from tests.courses.tries import write_course

# Wrong in the visible test; which hidden groups are right does not depend on the seed.
RIGHT_FOR_THREE_ROWS = "def scale(x, k):\n    return x * k if len(x) == 3 else x"

TriesGraded = Callable[..., Graded]


@pytest.fixture(scope="module")
def trusted_tries(tmp_path_factory: pytest.TempPathFactory) -> TrustedNotebook:
    course = write_course(tmp_path_factory.mktemp("tries"))
    bundle = load_bundle(course.source / "tiny" / "01_tiny.py")
    return TrustedNotebook.load(bundle, course.root)


@pytest.fixture
def bundle(trusted_tries: TrustedNotebook) -> NotebookBundle:
    return trusted_tries.bundle


@pytest.fixture
def graded(parent: ForkServer, trusted_tries: TrustedNotebook) -> TriesGraded:
    """``graded(answers)`` or ``graded(data=...)``: the verdict on a notebook."""

    def run(answers: Answers | None = None, data: bytes = b"") -> Graded:
        found = data or as_bytes(as_handed_in(trusted_tries.bundle, answers))
        submission = read_submission(found, trusted_tries.bundle, {})
        return Graded(grade_notebook(parent, trusted_tries, submission, "ada", SECRET))

    return run


def tries(graded: Graded) -> dict[str, TestResult]:
    return {test.grade_id: test for test in graded.result.tries}


def test_a_right_answer_passes_its_tries_which_say_ok(graded: TriesGraded) -> None:
    found = graded()
    assert found.points == FULL
    assert list(tries(found)) == ["try_add", "try_scale", "try_count"]
    assert {test.outcome for test in found.result.tries} == {Outcome.PASSED}
    assert tries(found)["try_add"].printed == "ok   1 + 2\nok   2 + 2\n"


def test_a_failing_try_says_got_and_expected_after_the_lines_that_are_ok(
    graded: TriesGraded,
) -> None:
    found = graded({"add": "def add(a, b):\n    return a + b if a < b else -1"})
    test = tries(found)["try_add"]
    assert (test.outcome, test.points, test.max_points) == (Outcome.FAILED, 0.0, 0.0)
    assert test.printed == "ok   1 + 2\n"
    assert test.message == "2 + 2: got -1, expected 4"


def test_points_are_the_share_of_hidden_groups_where_the_try_fails(graded: TriesGraded) -> None:
    found = graded({"scale": RIGHT_FOR_THREE_ROWS})
    assert tries(found)["try_scale"].outcome is Outcome.FAILED
    assert found["test_scale"].points == 4.0  # a square and the three properties, of seven groups
    assert found["test_scale"].outcome is Outcome.PARTIAL
    found = graded({"scale": "def scale(x, k):\n    return x if x[0, 0] == 0 else x * k"})
    assert tries(found)["try_scale"].outcome is Outcome.FAILED  # wrong only where shown
    assert found["test_scale"].outcome is Outcome.PASSED
    assert found["test_add"].outcome is Outcome.PASSED


def test_a_try_that_passes_earns_nothing(graded: TriesGraded) -> None:
    found = graded({"scale": "def scale(x, k):\n    return x * k if x.shape == (2, 3) else x"})
    assert tries(found)["try_scale"].outcome is Outcome.PASSED
    assert found.points == FULL | {"test_scale": 0.0}


def test_a_try_counts_in_no_table_total_or_outcome(graded: TriesGraded) -> None:
    found = graded({"count": "def count(x):\n    return 5"}).result  # an exercise without points
    assert [test.grade_id for test in found.tests] == ["test_add", "test_scale", "why"]
    assert (found.points, found.max_points) == (9.0, 10.0)
    assert found.outcome is Outcome.NEEDS_MANUAL_GRADE
    public = found.public()
    assert "try_" not in str(public)
    assert {test.grade_id for test in found.tries if test.outcome is Outcome.FAILED} == {
        "try_count"
    }


def test_tries_survive_the_store_of_results(graded: TriesGraded) -> None:
    result = graded().result
    assert StoredResult.from_json(StoredResult("k", result).to_json()).result.tries == result.tries


def test_a_file_without_a_verdict_has_no_tries(bundle: NotebookBundle) -> None:
    result = without_verdict(bundle, "ada", Outcome.MISSING, "not handed in")
    assert [test.grade_id for test in result.tests] == ["test_add", "test_scale", "why"]
    assert result.tries == ()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            "import os\ndef add(a, b):\n    return os._exit(1) if (a, b) == (1, 2) else a + b",
            "crashed",
        ),
        ("def add(a, b):\n    while (a, b) == (1, 2): pass\n    return a + b", "timed_out"),
    ],
)
def test_a_try_that_crashes_or_hangs_costs_only_itself(
    graded: TriesGraded, limited: Limited, answer: str, outcome: str
) -> None:
    with limited(submission_s=40.0):  # one try may take a tenth of it
        found = graded({"add": answer})
    assert tries(found)["try_add"].outcome.value == outcome
    assert tries(found)["try_scale"].outcome is Outcome.PASSED
    assert found["test_scale"].points == 7.0
    assert found["test_add"].points == 2.0  # its hidden cases are of other numbers


def test_tries_that_hang_leave_most_of_the_time_to_the_tests(
    graded: TriesGraded, limited: Limited
) -> None:
    answers = {
        "add": "def add(a, b):\n    while (a, b) == (1, 2): pass\n    return a + b",
        "scale": "def scale(x, k):\n    while x[0, 0] == 0: pass\n    return x * k",
        "count": "def count(x):\n    while True: pass",
    }
    assert TRIES + ONE_TRY < 0.5
    with limited(submission_s=20.0):
        found = graded(answers)
    assert {test.outcome for test in found.result.tries} == {Outcome.TIMED_OUT}
    assert found["test_add"].points == 2.0
    assert found["test_scale"].points == 7.0


def test_a_try_shows_results_with_five_digits_and_no_endless_output(graded: TriesGraded) -> None:
    found = graded({"add": "def add(a, b):\n    return 0.012346"})
    assert tries(found)["try_add"].message == "1 + 2: got 0.012346, expected 3"
    found = graded({"add": "def add(a, b):\n    print('x' * 500_000)\n    return a + b"})
    assert len(tries(found)["try_add"].printed) == MAX_TRY_PRINTED


def test_a_missing_or_changed_try_is_put_back_without_a_note(
    graded: TriesGraded, bundle: NotebookBundle
) -> None:
    notebook = as_handed_in(bundle)
    place = cell_of(notebook, "try_add")
    notebook.cells[place].source = "print('gone'); 1 / 0"
    del notebook.cells[cell_of(notebook, "try_scale")]
    found = graded(data=as_bytes(notebook))
    assert found.points == FULL
    assert [test.outcome for test in found.result.tries] == [Outcome.PASSED] * 3
    assert tries(found)["try_add"].printed == "ok   1 + 2\nok   2 + 2\n"
    assert found.result.notes == ()
    assert place not in found.result.outputs  # it did not run in the student's process


def test_a_try_that_needs_a_later_cell_is_run_again(
    graded: TriesGraded, bundle: NotebookBundle
) -> None:
    notebook = as_handed_in(bundle, {"add": "add = plus"})
    notebook.cells.append(code("def plus(a, b):\n    return a + b"))
    found = graded(data=as_bytes(notebook))
    assert tries(found)["try_add"].outcome is Outcome.PASSED
    assert found["test_add"].points == 2.0


def test_an_answer_that_is_not_written_is_said_in_its_try_too(graded: TriesGraded) -> None:
    found = graded({"add": "def add(a, b):\n    raise NotImplementedError()"})
    assert tries(found)["try_add"].message == "add is not written yet."


def test_a_try_shows_no_input_of_a_hidden_case(graded: TriesGraded) -> None:
    tells = (
        "seen = []\n\n\ndef add(a, b):\n    seen.append(a)\n    return a + b\n\n\n"
        "def told():\n    return ' '.join(f'LEAK{n}KAEL' for n in seen)"
    )
    ways = {
        "prints": "def scale(x, k):\n    print(told())\n    return x * k",
        "raises": "def scale(x, k):\n    raise ValueError(told())",
        "returns": "def scale(x, k):\n    return told()",
        "raises a class": "def scale(x, k):\n    raise type(told(), (ValueError,), {})()",
    }
    for way, scale in ways.items():
        found = graded({"add": tells, "scale": scale})
        test = tries(found)["try_scale"]
        shown = "\n".join((test.printed, test.message, test.html))
        large = [number for number in _numbers(shown) if len(number) > 4]
        assert large == [], (way, shown)


def test_what_an_answer_prints_in_a_try_is_left_out_after_hidden_tests(
    graded: TriesGraded,
) -> None:
    letters = (
        "def add(a, b):\n    seen.append(a)\n    print('adding')\n    return a + b\n\nseen = []"
    )
    spells = (
        "def scale(x, k):\n"
        "    print('LEAK' + ''.join('abcdefghij'[int(n)] for n in str(max(seen))))\n"
        "    return x * k"
    )
    found = graded({"add": letters, "scale": spells})
    assert "adding\n" in tries(found)["try_add"].printed  # no hidden test has run yet
    assert "LEAK" not in tries(found)["try_scale"].printed
    assert "ok   twice a picture\n" in tries(found)["try_scale"].printed


def _numbers(text: str) -> list[str]:
    return re.findall(r"LEAK(\d+)", text)


def test_a_notebook_from_before_tries_earns_the_same_points(
    graded: TriesGraded, tiny: NotebookBundle
) -> None:
    answers: list[Answers] = [
        {},
        {"scale": RIGHT_FOR_THREE_ROWS},
        {"add": "def add(a, b):\n    return a - b"},
        {"scale": "def scale(x, k):\n    return x if x[0, 0] == 0 else x * k"},
    ]
    for given in answers:
        before = graded(data=as_bytes(as_handed_in(tiny, given)))
        now = graded(given)
        assert _outcomes(before.result) == _outcomes(now.result)
        assert before.result.notes == (*now.result.notes, "count: no such cell in the notebook"), (
            "an old notebook lacks only the exercise that is new here"
        )


def _outcomes(result: NotebookResult) -> list[tuple[str, float]]:
    return [(test.grade_id, test.points) for test in result.tests]


def test_verify_runs_no_tries_for_misconceptions(trusted_tries: TrustedNotebook) -> None:
    some = trusted_tries.testing({"add"})
    assert [test.cell.grade_id for test in some.in_order] == ["test_add"]
    assert [test.cell.grade_id for test in trusted_tries.in_order] == [
        "try_add", "test_add", "try_scale", "test_scale", "try_count",
    ]  # fmt: skip
