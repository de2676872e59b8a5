"""Points for the gradebook: the rule in the competition's file, applied to a score."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, TypeGuard

from classroom.board.rules.metrics import LOWER_IS_BETTER


@dataclass(frozen=True)
class PointsRule:
    """Corners (score, points) from worst to best score.

    ``linear`` interpolates between corners. ``steps`` gives the points of the best corner that the
    score reaches. A score worse than the first corner gets 0 points, or under ``linear`` the points
    of that corner. A score better than the last corner gets the points of that corner.
    """

    kind: str
    corners: tuple[tuple[float, float], ...]

    def points(self, metric: str, score: float | None) -> float:
        """Return the points for a score, rounded to hundredths; 0 for no score."""
        if score is None or not self.corners:
            return 0.0
        sign = -1 if LOWER_IS_BETTER[metric] else 1
        corners = [(sign * at, points) for at, points in self.corners]
        at = sign * score
        if self.kind == "steps":
            return max((points for corner, points in corners if at >= corner), default=0.0)
        if at <= corners[0][0]:
            return corners[0][1]
        for (left, low), (right, high) in itertools.pairwise(corners):
            if at <= right:
                return round(low + (high - low) * (at - left) / (right - left), 2)
        return corners[-1][1]


def read_points(table: Any, metric: str) -> tuple[PointsRule | None, list[str]]:
    """Return the rule of a TOML table ``[points]`` and its mistakes.

    ``rule = "linear"`` with ``zero_at``, ``full_at`` (scores) and ``max``, or ``rule = "steps"``
    with ``steps = [[score, points], ...]``. Without a table, everyone gets 0 points.
    """
    if table is None:
        return PointsRule("steps", ()), []
    if not isinstance(table, dict):
        return None, ["points is not a table: write [points] above its keys"]
    kind = table.get("rule", "linear")
    known = {"linear": {"rule", "zero_at", "full_at", "max"}, "steps": {"rule", "steps"}}
    if not isinstance(kind, str) or kind not in known:
        return None, [f"points.rule is {kind!r}, expected 'linear' or 'steps'"]
    problems = [f"points.{key} is not a key here" for key in table if key not in known[kind]]
    corners: list[tuple[float, float]] = []
    if kind == "linear":
        numbers = []
        for key, most in (("zero_at", 1.0), ("full_at", 1.0), ("max", 1e6)):
            value = table.get(key)
            if not is_number(value) or not 0 <= value <= most:
                problems.append(f"points.{key} is {value!r}, expected a number from 0 to {most:g}")
            else:
                numbers.append(float(value))
        if len(numbers) == 3:
            corners = [(numbers[0], 0.0), (numbers[1], numbers[2])]
    else:
        steps = table.get("steps")
        if not isinstance(steps, list) or not steps:
            return None, [*problems, "points.steps is not a list of [score, points]"]
        for number, step in enumerate(steps, 1):
            if (
                not isinstance(step, list)
                or len(step) != 2
                or not all(map(is_number, step))
                or not (0 <= step[0] <= 1 and 0 <= step[1] <= 1e6)
            ):
                problems.append(
                    f"points.steps: step {number} is not [score, points], with a score from 0 to 1 "
                    "and points from 0"
                )
            else:
                corners.append((float(step[0]), float(step[1])))
    if problems:
        return None, problems
    return PointsRule(kind, tuple(corners)), _order(kind, corners, metric)


def _order(kind: str, corners: list[tuple[float, float]], metric: str) -> list[str]:
    lower = LOWER_IS_BETTER[metric]
    ahead = "smaller" if lower else "larger"
    for (worse, low), (better, high) in itertools.pairwise(corners):
        if not (better < worse if lower else better > worse):
            keys = "full_at must be" if kind == "linear" else "steps must go to"
            tail = " than zero_at" if kind == "linear" else " scores"
            return [f"points: {keys} {ahead}{tail}, since {ahead} is better in {metric}"]
        if high < low:
            return ["points: a better score must not earn fewer points"]
    return []


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a TOML value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
