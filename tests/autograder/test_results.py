from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.results import (
    CellOutput,
    Outcome,
    Stop,
    StoredResult,
    TestResult,
    storable,
    worst,
)
from tests.courses.results import result


def test_the_json_is_the_documented_one() -> None:
    public = result().public()
    assert list(public)[:8] == [
        "student", "assignment", "notebook", "points", "max_points", "outcome", "seconds", "tests",
    ]  # fmt: skip
    assert list(public["tests"][0]) == [
        "grade_id", "exercise", "points", "max_points", "outcome", "diagnosis", "evidence",
        "also", "message",
    ]  # fmt: skip
    assert (public["points"], public["max_points"], public["outcome"]) == (1.35, 9.0, "error")
    assert public["tests"][1]["diagnosis"] is None
    json.dumps(public)


def test_a_result_survives_its_trip_through_json() -> None:
    stop = Stop("cell 3", Outcome.CRASHED, None, "SIGKILL", True)
    stored = StoredResult("key", result(stops=(stop,)))
    assert StoredResult.from_json(stored.to_json()) == stored


def test_whole_numbers_of_older_results_are_read_as_seconds_and_points() -> None:
    data = stored_json()
    data["result"]["seconds"] = 3
    assert StoredResult.from_json(json.dumps(data)).result.seconds == 3.0


def stored_json() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(StoredResult("key", result()).to_json())
    return read


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "an unknown field": lambda one: one.update(colour="red"),
    "a field that is missing": lambda one: one.pop("tests"),
    "a number as text": lambda one: one.update(seconds="3"),
    "an unknown outcome": lambda one: one.update(outcome="great"),
    "a note that is no text": lambda one: one.update(notes=[3]),
    "a truth value for points": lambda one: one["tests"][0].update(points=True),
    "a test without points": lambda one: one["tests"][0].pop("points"),
    "an unknown field of a test": lambda one: one["tests"][0].update(rank=1),
    "a position that is no number": lambda one: one["outputs"].update(x=one["outputs"]["3"]),
    "half an error": lambda one: one["outputs"]["3"].update(error=["E", "t"]),
    "an unknown outcome of a stop": lambda one: one.update(stops=[{"stage": "s", "outcome": "x"}]),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_stored_result_with_a_wrong_field_is_refused(what: str) -> None:
    data = stored_json()
    WRONG[what](data["result"])
    with pytest.raises(ValueError, match="validation error"):
        StoredResult.from_json(json.dumps(data))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"key": "k"}', '{"key": 1, "result": {}}']
)
def test_other_json_is_no_stored_result(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        StoredResult.from_json(text)


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
