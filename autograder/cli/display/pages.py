"""The feedback pages of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from autograder.cli.display.text import escape, near, one_line
from autograder.course.layout import Course

if TYPE_CHECKING:  # loads nbgrader, which `autograder --help` does not need
    from autograder.pages.feedback import Feedback


def pages(console: Console, course: Course, written: Feedback) -> None:
    """The number of feedback pages, and the pages that are missing or incomplete."""
    count = len(written.pages)
    console.print(f"{count} page{'s' * (count != 1)} in {escape(near(course.feedback))}")
    if found := written.starts or written.pages:
        console.print(f"for example {escape(near(found[0]))}", soft_wrap=True)
    for trouble in written.troubles:
        console.print(f"[bold red]not whole:[/] {escape(one_line(trouble))}", soft_wrap=True)
