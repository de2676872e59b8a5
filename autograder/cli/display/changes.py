"""Points that change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.cli.display.text import escape, shortened

if TYPE_CHECKING:  # loads nbgrader, which `autograder --help` does not need
    from autograder.records.changes import Change


def changes(console: Console, found: list[Change]) -> None:
    """The differences in points, before they are written."""
    if not found:
        console.print("graded again: no points changed")
        return
    table = Table(title="points that change", title_justify="left")
    for name in ("student", "notebook"):
        table.add_column(name, no_wrap=True)
    for name in ("before", "now", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        before, after = (
            "none" if points is None else f"{points:g}" for points in (one.before, one.after)
        )
        known = one.before is not None and one.after is not None
        table.add_row(
            escape(shortened(one.student, console.width // 3)),
            escape(shortened(one.notebook, console.width // 4)), before, after,
            f"{(one.after or 0.0) - (one.before or 0.0):+g}" if known else "",
        )  # fmt: skip
    console.print(table)
