"""Files that were not used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape
from autograder.people.person import NOBODY, Person, shown

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.plan import FilesReport


def files(console: Console, report: FilesReport, people: Mapping[str, Person] = NOBODY) -> None:
    """Unused files, and folders with nearly the right name."""
    from autograder.files.unused_files import MAX_TOLD

    lines = [
        f"{shown(student, people)}: {file.note}"
        for student, unused in report.unused.items()
        for file in unused
    ]
    if lines:
        students = len(report.unused)
        console.print(
            f"[yellow]files that were not used[/] of {students} student{'s' * (students != 1)}:"
        )
    for line in lines[:MAX_TOLD]:
        console.print(f"  {escape(line)}", soft_wrap=True)
    if len(lines) > MAX_TOLD:
        console.print(f"  and {len(lines) - MAX_TOLD} more; each student's notes name them")
    for one in report.odd[:MAX_TOLD]:
        console.print(
            f"[yellow]not graded:[/] {escape(f'{one.path} {one.told}')}",
            soft_wrap=True,
        )
    if len(report.odd) > MAX_TOLD:
        console.print(f"  and {len(report.odd) - MAX_TOLD} more folders")
