"""The result of a check: points that nbgrader can read, words and a picture for the student."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from autograder.results import Evidence


@dataclass(frozen=True)
class CheckResult:
    """Prints as its points, so nbgrader's partial credit reads it; shows as HTML in a page.

    ``raised`` is the type of the exception that ended every case, if there is one. ``missing_name``
    is an undefined name in one of them. ``sentence`` tells the diagnosis to the student.
    ``wrong_groups`` and ``not_judged_groups`` are names of groups of cases. ``measures`` are names
    and numbers for a leaderboard; more is better.
    """

    points: float
    max_points: float
    message: str
    html: str = ""
    diagnosis: str | None = None
    also: tuple[str, ...] = ()
    evidence: Evidence | None = None
    raised: str | None = None
    out_of_memory: bool = False
    unwritten: bool = False  # the answer is still the released stub
    missing_name: str = ""
    sentence: str = ""
    wrong_groups: tuple[str, ...] = ()
    not_judged_groups: tuple[str, ...] = ()
    measures: tuple[tuple[str, float], ...] = ()

    def worth(self, points: float) -> CheckResult:
        """The same result as a share of ``points``, rounded to two decimals.

        Raises ValueError for points that are not above 0, and for a result without a maximum.
        """
        if not (points > 0 and math.isfinite(points) and self.max_points > 0):
            raise ValueError(f"{self.points:g} of {self.max_points:g} as a share of {points:g}")
        share = self.points / self.max_points
        return replace(self, points=round(points * share, 2), max_points=points)

    def __repr__(self) -> str:
        return f"{self.points:g}"

    def _repr_html_(self) -> str:
        return self.html
