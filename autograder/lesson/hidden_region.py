"""The hidden tests in a graded cell that was edited, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SourceError
from autograder.lesson.check_module import BEGIN, END, TEST, cell_of_check, check_of

_VISIBLE_LINE = re.compile(
    r"# [^\n]*, (\d+(?:\.\d+)?(?:e[+-]?\d+)?) points?: hidden tests run here[^\n]*"
)
_CALL = re.compile(rf"{TEST}\([^\n]*\)\.worth\((\d+(?:\.\d+)?(?:e[+-]?\d+)?)\)")


@dataclass(frozen=True)
class HiddenRegion:
    """A graded cell, taken apart: the lines above, the hidden lines, the lines below."""

    above: str
    hidden: str
    below: str

    @classmethod
    def of(cls, source: str) -> HiddenRegion:
        """The parts of a cell; without marks of hidden tests all lines are above."""
        above, begins, rest = f"\n{source}\n".partition(f"\n{BEGIN}\n")
        hidden, ends, below = f"\n{rest}".partition(f"\n{END}\n")
        if not (begins and ends):
            return cls(source.strip("\n"), "", "")
        return cls(above.strip("\n"), hidden.strip("\n").rstrip(), below.strip("\n"))

    @property
    def is_empty(self) -> bool:
        """Whether no test is left: only the line for students, or nothing."""
        visible = "" if _VISIBLE_LINE.fullmatch(self.above) else self.above
        return not (visible.strip() or self.hidden or self.below.strip())

    @property
    def module(self) -> str:
        """The hidden lines without the call at their end."""
        return check_of(f"{BEGIN}\n{self.hidden}\n{END}").rstrip("\n")

    def problem(self, points: float) -> str:
        """The reason why the hidden lines are no check module; empty if they are one.

        ``points`` are the toolbar's points. The line for students and the call may both state the
        points of before.
        """
        if self.is_empty:
            return f"no hidden tests are left in it: write a function {TEST}, or delete the cell"
        if not self.hidden:
            return f"no hidden tests between {BEGIN!r} and {END!r}"
        if self.above and not _VISIBLE_LINE.fullmatch(self.above):
            return (
                f"lines above {BEGIN!r}: put visible tests into a test cell of their own, with 0 "
                "points"
            )
        if self.below:
            return f"lines below {END!r}: move them above it"
        try:
            cell_of_check(self.module, Path("its hidden tests"), "", points)
        except SourceError as error:
            return str(error)
        return self._problem_of_points(points)

    def _problem_of_points(self, points: float) -> str:
        call = _CALL.fullmatch(self.hidden.rpartition("\n")[2])
        stated = _VISIBLE_LINE.fullmatch(self.above)
        known = {points, float(stated[1])} if stated else {points}
        if call and float(call[1]) not in known:
            return (
                f"its last line says {call[1]} points: set the points in nbgrader's toolbar, and "
                "the last line follows"
            )
        return ""
