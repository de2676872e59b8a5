"""Points from the leaderboard's CSV."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from autograder.errors import UsageError


def read_board_points(path: Path) -> dict[str, float]:
    """Return each student's points from a CSV of ``leaderboard standings SLUG --csv``.

    Raises UsageError if the file is not such a CSV, or was written before the competition was
    finalised.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    points: dict[str, float] = {}
    for number, row in enumerate(rows, 2):
        student, text = row.get("student"), row.get("points")
        if student is None or text is None:
            raise UsageError(f"{path} has no columns student and points")
        if not text:
            raise UsageError(
                f"{path}, line {number}: {student} has no points yet. Finalize the competition, or "
                "write the file with --private"
            )
        if student in points:
            raise UsageError(f"{path}, line {number}: {student} is there twice")
        points[student] = _number(text, f"{path}, line {number}")
    return points


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{where}: {text!r} is not a number of points")
    return value
