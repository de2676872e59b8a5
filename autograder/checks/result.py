"""The result of a check: points that nbgrader can read, words and a picture for the student."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckResult:
    """Prints as its points, so nbgrader's partial credit reads it; shows as HTML in a page.

    ``raised`` is the type of the exception that ended every case, if there is one. ``missing_name``
    is an undefined name in one of them.
    """

    points: float
    max_points: float
    message: str
    html: str = ""
    diagnosis: str | None = None
    also: tuple[str, ...] = ()
    raised: str | None = None
    out_of_memory: bool = False
    missing_name: str = ""

    def __repr__(self) -> str:
        return f"{self.points:g}"

    def _repr_html_(self) -> str:
        return self.html
