"""The feedback pages of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape, near, one_line
from autograder.course.layout import Course

if TYPE_CHECKING:  # loads nbgrader, which `autograder --help` does not need
    from autograder.pages.feedback import Feedback


def pages(console: Console, course: Course, written: Feedback) -> None:
    """The number of feedback pages, a start page, and the pages that are missing or incomplete."""
    count = len(written.pages)
    console.print(f"{count} page{'s' * (count != 1)} in {escape(near(course.feedback))}")
    if written.starts:
        others = len(written.starts) - 1
        more = f" and {others} more" if others else ""
        console.print(f"start page: {escape(near(written.starts[0]))}{more}", soft_wrap=True)
    if written.left:
        count = len(written.left)
        console.print(
            f"{count} student{'s' * (count != 1)} left out, whose pages show the results of today"
        )
    for trouble in written.troubles:
        console.print(f"[bold red]not whole:[/] {escape(one_line(trouble))}", soft_wrap=True)
