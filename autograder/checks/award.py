"""Points that do not come from cases, for example from the accuracy of a trained network."""

from __future__ import annotations

from autograder.checks.report import plain_html
from autograder.checks.result import CheckResult


def award(points: float, max_points: float, message: str) -> CheckResult:
    """The result of a test that computed its points itself; ``message`` is for the student.

    Raises ValueError for points that are not between 0 and ``max_points``.
    """
    if not 0 <= points <= max_points:  # also refuses nan
        raise ValueError(f"{points} points of {max_points}")
    html = plain_html(message, "good" if points == max_points else "half")
    return CheckResult(float(points), float(max_points), message, html)
