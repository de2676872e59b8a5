"""Points that do not come from cases, for example from the accuracy of a trained network."""

from __future__ import annotations

import math
from collections.abc import Mapping

from autograder.checks.report import plain_html
from autograder.checks.result import CheckResult


def award(
    points: float, max_points: float, message: str, measures: Mapping[str, float] | None = None
) -> CheckResult:
    """The result of a test that computed its points itself; ``message`` is for the student.

    ``measures`` are numbers for a leaderboard by name, such as an accuracy; more is better.
    Raises ValueError for points that are not between 0 and ``max_points``, and for a measure that
    is not finite.
    """
    if not 0 <= points <= max_points:  # also refuses nan
        raise ValueError(f"{points} points of {max_points}")
    given = tuple((str(name), float(value)) for name, value in (measures or {}).items())
    if not all(math.isfinite(value) for _, value in given):
        raise ValueError(f"a measure is not finite: {given}")
    html = plain_html(message, "good" if points == max_points else "half")
    return CheckResult(float(points), float(max_points), message, html, measures=given)
