"""The last lines of a run: the gradebook and the sandbox."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from autograder.cli.display.lines import line
from autograder.cli.display.text import near, shortened
from autograder.course.layout import Course
from autograder.results import NotebookResult


def footer(course: Course, results: Iterable[NotebookResult], width: int) -> list[Text]:
    """The gradebook and the sandboxes of the results, in one line if they fit."""
    from autograder.sandbox import bubblewrap

    kinds = sorted({result.sandbox for result in results if result.sandbox})
    told = "; ".join(f"sandbox: {bubblewrap.describe(kind)}" for kind in kinds)
    label = "gradebook: "
    path = shortened(near(course.gradebook), max(8, width - len(label)))
    both = line(f"{label}{path}; {told}", 10**6)
    if not told or both.cell_len <= width:
        return [both if told else line(label + path, width)]
    return [line(told, width), line(label + path, width)]
