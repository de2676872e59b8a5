from __future__ import annotations

import math

import pytest

from autograder.checks import award
from autograder.results import NotebookResult, Outcome, StoredResult, TestResult


def test_points_and_measures_are_kept_when_a_test_is_worth_more() -> None:
    found = award(0.5, 1, "half", {"accuracy": 0.9}).worth(4)
    assert (found.points, found.max_points, found.measures) == (2.0, 4.0, (("accuracy", 0.9),))
    assert award(1, 1, "all").measures == ()


@pytest.mark.parametrize(
    ("points", "measures"),
    [(2.0, {}), (-1.0, {}), (math.nan, {}), (1.0, {"accuracy": math.nan}), (1.0, {"a": math.inf})],
)
def test_what_is_no_number_of_points_or_no_measure_is_refused(
    points: float, measures: dict[str, float]
) -> None:
    with pytest.raises(ValueError):
        award(points, 1, "x", measures)


def test_a_stored_result_keeps_its_measures() -> None:
    test = TestResult("t", "e", 1.0, 1.0, Outcome.PASSED, measures=(("accuracy", 1.0),))
    stored = StoredResult("k", NotebookResult("ada", "a", "n", (test,)))
    assert StoredResult.from_json(stored.to_json()) == stored
