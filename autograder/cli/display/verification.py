"""The findings of ``autograder verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.verify import Verification


def verified(console: Console, found: list[Verification], seconds: float) -> None:
    """The problems of an assignment's tests, if any."""
    for one in found:
        mark = "[green]ok[/]" if one.passed else "[red]not ok[/]"
        console.print(
            f"{mark} [bold]{escape(one.notebook)}[/]: {one.exercises} exercises, "
            f"{one.misconceptions} misconceptions, {one.named} named ({one.named_share:.0%})"
            f"{_answers(one)}"
        )
        for line in one.ambiguous:
            console.print(f"  ambiguous: {escape(line)}")
        for line in one.unnamed:
            console.print(f"  not named: {escape(line)}")
        for line in one.problems:
            console.print(f"  [red]problem:[/] {escape(line)}")
    console.print(f"{seconds:.1f} s")


def _answers(one: Verification) -> str:
    """The numbers of right and wrong answers beside the exercises, if there are any."""
    return f", {one.right} right and {one.wrong} wrong answers" if one.right or one.wrong else ""
