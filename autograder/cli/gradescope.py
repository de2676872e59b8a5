"""The command ``autograder gradescope``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import consoles
from autograder.cli.display.text import escape, near, one_line
from autograder.cli.options import CourseDir, settings_of
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def _visibility(value: str) -> str:
    if value not in VISIBILITIES:
        raise typer.BadParameter(f"one of {', '.join(VISIBILITIES)}")
    return value


def gradescope(
    context: typer.Context,
    assignment: str,
    out: Annotated[Path, typer.Option("--out", help="The zip to write.")],
    weak_isolation: Annotated[
        bool,
        typer.Option(
            "--weak-isolation", help="Accept that Gradescope isolates submissions less than here."
        ),
    ] = False,
    visibility: Annotated[
        str,
        typer.Option(
            callback=_visibility,
            help=f"When students see the tests: {', '.join(VISIBILITIES)}.",
        ),
    ] = "visible",
    minutes: Annotated[
        int, typer.Option(min=2, max=40, help="The timeout that is set on Gradescope.")
    ] = 10,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write an autograder for Gradescope: a zip with this assignment only, and the grader."""
    from autograder.gradescope.archive import write_autograder
    from autograder.gradescope.document import Visibility

    here = Course.find(course, settings_of(context))
    made = write_autograder(here, assignment, out, weak_isolation, Visibility(visibility), minutes)

    def say(text: str) -> None:
        consoles.console.print(text, soft_wrap=True, highlight=False)

    say(f"autograder for {escape(assignment)} in {escape(near(made.path))}")
    say("It holds the hidden tests and the reference: give it to Gradescope only.")
    say(
        f"On Gradescope: {made.points:g} autograder points, a timeout of {made.minutes} minutes, "
        "a container with 3 GB of memory or more."
    )
    if made.shortened:
        say(
            f"A notebook may take {made.notebook_s:.0f} s there, less than here; "
            "--minutes gives more."
        )
    for name, points in made.manual:
        shown = escape(one_line(name))
        say(f"A person grades {shown} ({points:g}): add a question to the assignment's outline.")
