"""The points that wrong answers earn, from the findings of ``autograder verify``.

    autograder verify conv --json conv.json
    autograder verify places --json places.json
    python -m tests.course.wrong_answers conv.json places.json

writes the second table of docs/strategies.md.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

from tests.course.strategies import PAGE, filled_page

MADE_BY = "wrong answers: made by python -m tests.course.wrong_answers"
END = "end of wrong answers"
HEAD = [
    "| notebook | misconceptions | other wrong answers | lose points | earn nothing | half of them earn at most |",
    "|---|---:|---:|---:|---:|---:|",
]


def row(found: dict[str, Any]) -> str:
    """A row of the table: the findings of one notebook.

    Raises ValueError for findings without the points of each answer.
    """
    shares = list(found["earned"].values())
    if not shares or len(shares) != found["misconceptions"] + found["wrong"]:
        raise ValueError(f"{found['notebook']}: {len(shares)} answers with points")
    lose = sum(share < 1 for share in shares)
    cells = [
        found["notebook"],
        found["misconceptions"],
        found["wrong"],
        f"{math.floor(100 * lose / len(shares))} %",
        f"{round(100 * shares.count(0.0) / len(shares))} %",
        f"{round(100 * statistics.median_low(shares))} %",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def table(findings: list[dict[str, Any]]) -> str:
    """The table of several notebooks, in Markdown."""
    return "\n".join([*HEAD, *map(row, findings)])


if __name__ == "__main__":
    given = [one for path in sys.argv[1:] for one in json.loads(Path(path).read_text())]
    PAGE.write_text(filled_page(PAGE.read_text(), table(given), MADE_BY, END))
