"""The students of a made-up class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from autograder.cli.display.text import escape, near, shortened
from autograder.course.layout import Course

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.simulate import SimulatedStudent


_NAME = 24  # columns of a name in one line; longer names take two


def simulated(console: Console, course: Course, students: list[SimulatedStudent]) -> None:
    """The students of a made-up class."""
    table = Table(
        title=f"{len(students)} students in {near(course.submitted)}", title_justify="left"
    )
    table.add_column("student", no_wrap=True)
    table.add_column("name", overflow="fold", max_width=_NAME)
    table.add_column("answers")
    for student in students:
        name = shortened(student.person.name, 2 * _NAME)
        table.add_row(escape(shortened(student.name, 30)), escape(name), escape(student.story))
    console.print(table)
