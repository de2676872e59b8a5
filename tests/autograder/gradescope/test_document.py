from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograder.course.source import NotebookBundle
from autograder.gradescope.document import (
    MAX_NOTES,
    MAX_TEXT,
    Visibility,
    graded,
    manual_questions,
    without_verdict,
)
from autograder.results import GRADER_FAILED, NotebookResult, Outcome, TestResult
from tests.courses.asking import asking_bundle

SCHEMA = json.loads((Path(__file__).parent / "results.schema.json").read_text())


@pytest.fixture
def bundle(tmp_path: Path) -> NotebookBundle:
    """A notebook with one test, ``half``, and three questions for a person."""
    return asking_bundle(tmp_path)


def half(outcome: Outcome = Outcome.PASSED, points: float = 1.0, **given: Any) -> TestResult:
    return TestResult("test_half", "half", points, 1.0, outcome, **given)


def result_of(bundle: NotebookBundle, *tests: TestResult, **given: Any) -> NotebookResult:
    return NotebookResult("student", bundle.assignment, bundle.name, tests, **given)


def document(bundle: NotebookBundle, *tests: TestResult, **given: Any) -> dict[str, Any]:
    """The document of one notebook; it keeps to the documented format."""
    result = result_of(bundle, *tests, **given)
    found = graded([bundle], [result], Visibility.VISIBLE, 3.7, "run1")
    jsonschema.validate(found, SCHEMA)
    return json.loads(json.dumps(found))


def test_an_entry_has_the_points_and_the_sentences_of_the_feedback(bundle: NotebookBundle) -> None:
    said = "half is right in 1 of 2 groups of cases.\nSmallest failing case: half(3)"
    found = document(bundle, half(Outcome.PARTIAL, 0.5, message=said, diagnosis="half.rounds"))
    (test,) = found["tests"]
    assert (test["name"], test["score"], test["max_score"]) == ("half", 0.5, 1.0)
    assert test["output"] == f"Partly right.\n{said}"
    assert test["output_format"] == test["name_format"] == "text"
    assert test["visibility"] == found["visibility"] == "visible"
    assert test["extra_data"]["diagnosis"] == "half.rounds"
    assert (found["score"], found["execution_time"]) == (0.5, 4)
    assert found["stdout_visibility"] == "hidden"  # the log is for instructors
    assert "leaderboard" not in found


def test_a_question_for_a_person_has_no_score(bundle: NotebookBundle) -> None:
    """Gradescope counts it in a question of its own."""
    open_ = TestResult("why", "", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE, message="x")
    empty = TestResult("where", "", 0.0, 1.0, Outcome.FAILED, message="Not answered.")
    found = document(bundle, half(), open_, empty, outcome=Outcome.FAILED)
    _, first, second = found["tests"]
    assert {"score", "max_score", "status"} & (first.keys() | second.keys()) == set()
    assert first["output"] == "A person grades this question (1 point)."
    assert second["output"] == "Not answered.\nA person grades this question (1 point)."
    assert found["score"] == 1.0
    assert manual_questions([bundle]) == [("why", 1.0), ("where", 1.0), ("draw", 1.0)]


@pytest.mark.parametrize("outcome", [Outcome.MISSING, Outcome.UNREADABLE])
def test_what_was_not_handed_in_scores_zero_and_says_why(
    bundle: NotebookBundle, outcome: Outcome
) -> None:
    reason = "01_asking was not handed in."
    found = document(
        bundle, half(outcome, 0.0, message=reason), outcome=outcome, notes=(reason, "a.txt: ?")
    )
    assert found["score"] == found["tests"][0]["score"] == 0.0
    assert found["tests"][0]["output"] == reason
    assert found["output"] == f"{reason}\na.txt: ?"
    assert found["extra_data"]["outcome"] == outcome


def test_a_failure_of_the_grader_gives_no_score_at_all(bundle: NotebookBundle) -> None:
    """One test that could not be judged: the sum of the others would count it as zero."""
    other = replace(half(), grade_id="test_other", exercise="other")
    failed = half(Outcome.GRADER_ERROR, 0.0, message=GRADER_FAILED, log="a path, a hidden test")
    found = document(bundle, failed, other, outcome=Outcome.GRADER_ERROR)
    assert "score" not in found
    assert all("score" not in test and "max_score" not in test for test in found["tests"])
    assert found["output"].startswith(GRADER_FAILED)
    assert "not a score of zero" in found["output"] and "run1" in found["output"]
    assert "hidden test" not in json.dumps(found)
    told = without_verdict("run1")
    jsonschema.validate(told, SCHEMA)
    assert "score" not in told and told["output"].startswith(GRADER_FAILED)


def test_text_of_a_submission_stays_text(bundle: NotebookBundle) -> None:
    bad = "<script>x</script>\r\n\x1b[2J\u202eevil\xa0end\ud800"
    found = document(bundle, half(Outcome.ERROR, 0.0, message=bad), notes=(bad,))
    (test,) = found["tests"]
    assert test["output"] == ("It stopped with an error.\n<script>x</script>\n[2Jevil end?")
    assert test["output_format"] == found["output_format"] == "text"
    json.dumps(found, ensure_ascii=False).encode()


def test_a_long_text_and_many_notes_are_cut(bundle: NotebookBundle) -> None:
    notes = tuple(f"note {n}" for n in range(MAX_NOTES + 5))
    found = document(bundle, half(Outcome.FAILED, 0.0, message="x" * 10**6), notes=notes)
    assert len(found["tests"][0]["output"]) < MAX_TEXT + 10
    assert found["output"].splitlines()[-1] == "and 5 more notes"


def test_several_notebooks_are_named(bundle: NotebookBundle, tmp_path: Path) -> None:
    other = replace(bundle, name="02_other")
    results = [result_of(bundle, half()), result_of(other, half(points=0.25), notes=("late",))]
    found = graded([bundle, other], results, Visibility.AFTER_DUE_DATE, 1.0)
    jsonschema.validate(found, SCHEMA)
    assert [test["name"] for test in found["tests"]] == ["01_asking: half", "02_other: half"]
    assert {test["visibility"] for test in found["tests"]} == {"after_due_date"}
    assert found["score"] == 1.25
    assert found["output"] == "02_other: late"


def test_a_number_that_an_exercise_measured_goes_to_the_leaderboard(
    bundle: NotebookBundle,
) -> None:
    weights = half(measures=(("accuracy", 0.981),))
    found = document(bundle, weights)
    assert found["leaderboard"] == [{"name": "accuracy", "value": 0.981}]
    other = replace(weights, grade_id="o", exercise="other", measures=(("accuracy", 0.5),))
    assert [one["name"] for one in document(bundle, weights, other)["leaderboard"]] == [
        "half: accuracy", "other: accuracy",
    ]  # fmt: skip
    failed = replace(other, outcome=Outcome.GRADER_ERROR)
    assert "leaderboard" not in document(bundle, weights, failed)
