"""``autograder questions``: a local page with all answers to one question in a row."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from autograder.cli import consoles
from autograder.cli.options import CourseDir
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.interrupts import ctrl_c_waits


def questions(
    assignment: str,
    names: Annotated[
        bool, typer.Option("--names", help="Show who wrote an answer; default: only numbers.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port on this machine; 0: any free one.")
    ] = 0,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Grade open questions by hand, in the browser: all answers to one question in a row.

    Points and comments go into the gradebook at once, as from formgrader.
    """
    with ctrl_c_waits():
        from autograder.people.roster import people_of
        from autograder.questions.app import serve_questions

    def announce(address: str) -> None:
        consoles.console.print(f"questions of {escape(assignment)} on", soft_wrap=True)
        consoles.console.print(escape(address), soft_wrap=True, highlight=False)
        consoles.console.print("Ctrl-C stops it; points are saved as you enter them")

    here = Course.find(course)
    people = people_of(here)
    shown = {student: person.shown for student, person in people.items()} if names else None
    serve_questions(here, assignment, shown, port, announce)
