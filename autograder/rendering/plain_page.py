"""The page of a notebook that cannot be rendered: its points, and its text as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.records.recorded_grades import RecordedNotebook
from autograder.rendering.links import PageLinks
from autograder.rendering.style import page_css, templates
from autograder.rendering.verdicts import verdicts_from_grades


def plain_page(
    recorded: RecordedNotebook, student: str, links: PageLinks, cells: Sequence[str]
) -> str:
    """The page as HTML; ``cells`` are shown as plain text."""
    return (
        templates()
        .get_template("plain.html")
        .render(
            recorded=recorded,
            student=recorded.who or student,
            assignment=links.assignment,
            exercises=verdicts_from_grades(recorded).exercises,
            links=links,
            cells=cells,
            page_css=page_css(),
        )
    )
