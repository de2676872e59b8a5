"""The findings of ``autograder doctor``, and the course's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.cli.display.text import escape
from autograder.config.settings import Settings
from autograder.course.layout import Course

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.doctor import Report


def examined(console: Console, course: Course, report: Report) -> None:
    """The findings of the doctor, and the course's settings."""
    for line in report.lines:
        lack = "[red]missing[/]" if line.needed else "[yellow]without[/]"
        mark = "[green]ok[/]     " if line.ok else lack
        console.print(f"{mark} {escape(line.what)}", soft_wrap=True)
    table = Table("setting", "value", "meaning", title="settings (c.Autograder)")
    for name, default, explanation in Settings.table():
        value = getattr(course.settings, name)
        changed = "" if value == default else f" (default: {_short(default) or 'none'})"
        table.add_row(name, escape(_short(value) + changed), explanation)
    console.print(table)


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    first, *more = str(value).strip().splitlines() or [""]
    return f"{first} ..." if more else first
