from __future__ import annotations

import pytest

from tests.course.wrong_answers import row

FOUND = {
    "notebook": "01_tiny",
    "misconceptions": 2,
    "wrong": 1,
    "earned": {"add.subtracts": 0.0, "add.x": 0.25, "add/wrong.py: nothing": 1.0},
}


def test_a_row_counts_the_answers_that_lose_points() -> None:
    assert row(FOUND) == "| 01_tiny | 2 | 1 | 66 % | 33 % | 25 % |"


def test_findings_without_the_points_of_each_answer_make_no_row() -> None:
    with pytest.raises(ValueError, match="01_tiny: 3 answers with points"):
        row(FOUND | {"wrong": 2})
