"""Mistakes that show when a worked notebook runs: a cell that raises, or that takes too long."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nbformat import NotebookNode

from autograder.config.settings import Settings
from autograder.mistakes.lesson import Lesson, LessonCell

OWN_SHARE = 0.5  # of a submission's seconds, for the cells of the student (grading.session)
_NOT_GRADED = {"train", "skip-execution"}  # tags of cells that grading does not run
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def raised_mistake(lesson: Lesson, notebook: NotebookNode, error: Exception) -> str:
    """The words for a worked notebook that stopped with an error."""
    for cell, node in zip(lesson.cells, notebook.cells, strict=True):
        for output in node.get("outputs", []):
            if output.output_type == "error":
                said = f"{output.ename}: {output.evalue}".rstrip(": ")
                line = _line_of(output.traceback)
                return f"{lesson.place(cell)}: {_what(cell)}: {said}{line}"
    last = _COLOURS.sub("", str(error)).strip().splitlines()
    return f"{lesson.path.name}: the worked notebook does not run: {last[-1] if last else error}"


def budget_mistakes(
    lesson: Lesson, seconds: Mapping[int, float], settings: Settings
) -> Iterator[str]:
    """Cells, and a notebook, that would not fit into the time of a submission.

    ``seconds`` are the wall-clock seconds of each cell, by index. Cells of training are not run at
    grading, and cells of tests count towards the tests.
    """
    own = [cell for cell in lesson.cells if not _NOT_GRADED & set(cell.metadata.get("tags", []))]
    for cell in own:
        if seconds.get(cell.index, 0.0) > settings.cell_s:
            yield (
                f"{lesson.place(cell)}: it ran for {seconds[cell.index]:.3g} seconds; grading "
                f"stops a cell after {settings.cell_s:g}. Make it quicker, give it the kind train "
                "if grading need not run it, or raise c.Autograder.cell_s"
            )
    total = sum(seconds.get(cell.index, 0.0) for cell in own if not cell.is_judged)
    budget = settings.submission_s * OWN_SHARE
    if total > budget:
        slow = sorted(own, key=lambda cell: -seconds.get(cell.index, 0.0))[:3]
        names = ", ".join(f"{cell.header} {seconds.get(cell.index, 0.0):.3g}" for cell in slow)
        yield (
            f"{lesson.path.name}: its cells ran for {total:.3g} seconds; a submission has "
            f"{budget:g} for them, half of c.Autograder.submission_s. The slowest, in seconds: "
            f"{names}. Make them quicker, give them the kind train, or raise the setting"
        )


def _what(cell: LessonCell) -> str:
    if cell.is_judged and not cell.points:
        return "the reference fails this visible test"
    if cell.is_answer:
        return "the reference answer raises"
    return "the figure raises" if "figure" in cell.metadata.get("tags", []) else "the cell raises"


def _line_of(traceback: list[str]) -> str:
    """The line of code that raised, on a line of its own; empty if it is not shown."""
    text = _COLOURS.sub("", "\n".join(traceback))
    marked = [line for line in text.splitlines() if re.match(r"-+> *\d+ ", line)]
    return f"\n  {re.sub(r'^-+> *[0-9]+ +', '', marked[0]).strip()}" if marked else ""
