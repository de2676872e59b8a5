from __future__ import annotations

import itertools
import json

import pytest

from autograder.results import CellOutput, NotebookResult, Outcome, TestResult, storable, worst
from tests.courses.results import result


def test_the_json_is_the_documented_one() -> None:
    public = result().public()
    assert list(public)[:8] == [
        "student", "assignment", "notebook", "points", "max_points", "outcome", "seconds", "tests",
    ]  # fmt: skip
    assert list(public["tests"][0]) == [
        "grade_id", "exercise", "points", "max_points", "outcome", "diagnosis", "also",
        "message",
    ]  # fmt: skip
    assert (public["points"], public["max_points"], public["outcome"]) == (1.35, 9.0, "error")
    assert public["tests"][1]["diagnosis"] is None
    json.dumps(public)


def test_a_result_survives_its_trip_through_json() -> None:
    one = result()
    assert NotebookResult.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_the_worst_outcome_is_the_submission_s() -> None:
    for pair in itertools.combinations(Outcome, 2):
        assert worst(list(pair)) is pair[1]
        assert worst(list(reversed(pair))) is pair[1]
    assert worst([]) is Outcome.PASSED
    assert max(Outcome, key=lambda outcome: outcome.badness) is Outcome.GRADER_ERROR
    assert {outcome.value for outcome in Outcome} == {
        "passed", "partial", "failed", "error", "timed_out", "out_of_memory", "crashed", "missing",
        "unreadable", "needs_manual_grade", "grader_error",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["plain", "é \U0001f600", "a\x00b", ""])
def test_text_that_can_be_stored_is_kept(text: str) -> None:
    assert storable(text) == text


def test_text_from_students_can_always_be_written() -> None:
    bad = "a\ud800b"
    test = TestResult("t", "e", 0, 1, Outcome.FAILED, None, (), bad, bad, bad, bad)
    one = result(notes=(bad,), outputs={0: CellOutput(bad, bad, (bad, bad, [bad]))})
    for text in (
        test.message, test.html, test.printed, test.log, one.notes[0], one.outputs[0].stdout,
        one.outputs[0].stderr, str(one.outputs[0].error),
    ):  # fmt: skip
        assert b"a?b" in text.encode()
