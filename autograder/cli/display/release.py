"""The files of a release, and the edited notebooks that it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape

if TYPE_CHECKING:  # these load nbgrader, which `autograder --help` does not need
    from autograder.pairing.pair import Step
    from autograder.release.release import ReleaseReport


def released(console: Console, report: ReleaseReport, planned: bool = False) -> None:
    """The files of a release, or of a planned one."""
    edits(console, report.taken, planned)
    count = len(report.notebooks)
    console.print(
        f"{'would release' if planned else 'released'} [bold]{escape(report.assignment)}[/]: "
        f"{count} notebook{'s' * (count != 1)}, {report.max_points:g} points"
    )
    wrote, removed = ("would write", "would remove") if planned else ("wrote", "removed")
    for path in report.changed:
        console.print(f"  {wrote} {escape(str(path))}")
    for path in report.removed:
        console.print(f"  {removed} {escape(str(path))}")
    if not report.changed and not report.removed:
        console.print("  everything was fresh")


def edits(console: Console, steps: Iterable[Step], planned: bool = False) -> None:
    """The edited notebooks whose lessons follow them, before another command works."""
    for step in steps:
        edited(console, step, planned)


def edited(console: Console, step: Step, planned: bool = False) -> None:
    """An edited notebook whose lesson follows it, or a lesson whose notebook follows it."""
    name, verb = escape(step.name), "would take" if planned else "took"
    if planned or step.taken == "notebook":
        console.print(f"{verb} the edits in {name}.ipynb into the lesson", soft_wrap=True)
    elif step.taken == "lesson":
        console.print(f"wrote {name}.ipynb from the lesson", soft_wrap=True)
    for file in step.files if step.taken == "notebook" else ():
        console.print(f"  wrote {escape(file)}", soft_wrap=True)
    for note in step.notes:
        console.print(f"  note: {escape(note)}", soft_wrap=True)


def not_taken(console: Console, names: Iterable[str]) -> None:
    """The edited notebooks whose edits do not count yet."""
    for name in names:
        console.print(
            f"[yellow]note:[/] {escape(name)}.ipynb was edited, and grading goes by the lesson; "
            f"`autograder edit --once {escape(name)}` takes the edits",
            soft_wrap=True,
        )
