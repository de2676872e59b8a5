"""The line of a summary about late work: students, late days, and points taken off."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from autograder.cli.display.lines import line

if TYPE_CHECKING:  # loads nbgrader, for which `autograder --help` need not wait
    from autograder.records.term.ledger import Term


def late_line(terms: Iterable[Term], assignment: str, width: int) -> list[Text]:
    """One line if lateness costs late days or points in the assignment; else none."""
    late = [one for one in terms if one.free_days(assignment) or one.off(assignment)]
    if not late:
        return []
    days = sum(one.free_days(assignment) for one in late)
    points = sum(one.off(assignment) for one in late)
    parts = [f"{len(late):,} student{'s' * (len(late) != 1)}"]
    parts += [f"{days:,} late day{'s' * (days != 1)} used"] if days else []
    parts += [f"{points:,.4g} points taken off, not counted above"] if points else []
    command = f"autograder late {shlex.quote(assignment)}"
    return [line(f"late: {', '.join(parts)}; {command}", width)]
