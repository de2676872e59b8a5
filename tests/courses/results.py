"""A result with something in every field."""

from __future__ import annotations

from typing import Any

from autograder.results import CellOutput, NotebookResult, Outcome, TestResult


def result(**fields: Any) -> NotebookResult:
    tests = (
        TestResult(
            "t1",
            "add",
            1.25,
            2.0,
            Outcome.PARTIAL,
            "add.x",
            ("add.y",),
            "why",
            "<p>",
            "out",
            "ours",
            3,
        ),
        TestResult("t2", "scale", 0.1, 7.0, Outcome.ERROR),
    )
    given: dict[str, Any] = {
        "outcome": Outcome.ERROR,
        "notes": ("a note",),
        "outputs": {3: CellOutput("o", "e", ("E", "t", ["l"]), True), 4: CellOutput()},
        "sandbox": "bubblewrap",
        "seconds": 1.23456,
        **fields,
    }
    return NotebookResult("ada", "tiny", "01_tiny", tests, **given)
