"""``autograder regrade``: exercises graded again, with the difference before it is written."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli import consoles
from autograder.cli import registration as cells
from autograder.cli.display.graded_again import difference, recorded
from autograder.cli.display.progress import progress
from autograder.cli.display.release import not_taken
from autograder.cli.options import CourseDir, Sandbox, Workers, settings_of
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.errors import Interrupted, UsageError
from autograder.interrupts import ctrl_c_waits

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.regrade import Report

NEEDS_NAME = "name what to grade again: --exercise NAME or --diagnosis ID"
NEEDS_YES = "nothing was written: nobody can be asked here, so add --yes to write these changes"
STOPPED = (
    "stopped; new results are kept, the gradebook is complete for each student, and the same "
    "command continues from there"
)


def regrade(
    context: typer.Context,
    assignment: str,
    exercise: Annotated[
        list[str] | None,
        typer.Option(help="Grade this exercise again, for all (repeat for several)."),
    ] = None,
    diagnosis: Annotated[
        list[str] | None,
        typer.Option(help="Grade again where this mistake was named (repeat for several)."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write the changes without a question.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the changes, and write nothing.")
    ] = False,
    workers: Workers = 0,
    sandbox: Sandbox = "",
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Grade exercises again after a check was mended, and show the changes before they are written.

    The points and texts of all other exercises stay.
    """
    if not (exercise or diagnosis):
        raise UsageError(NEEDS_NAME)
    with ctrl_c_waits():
        from autograder.pairing.pair import edited_notebooks
        from autograder.people.roster import people_of
        from autograder.runs.regrade import Regrade

    here = Course.find(course, settings_of(context))
    not_taken(consoles.console, edited_notebooks(here, assignment))
    run = Regrade(here, assignment, tuple(exercise or ()), tuple(diagnosis or ()), workers, sandbox)
    is_written = False
    with ExitStack() as bar:  # the bar ends before the question, which it would hide
        advance = bar.enter_context(progress(consoles.console, f"grading {assignment} again"))

        def confirm(report: Report) -> bool:
            nonlocal is_written
            bar.close()
            difference(consoles.console, assignment, report, people_of(here))
            is_written = not dry_run and (yes or not report.differences or _agreed())
            return is_written

        try:
            report = run.run(
                confirm,
                lambda at: advance(at.done, at.total, ", ".join(at.current)),
                lambda done: cells.registered(consoles.console, done),
            )
        except KeyboardInterrupt:
            raise Interrupted(STOPPED) from None
    recorded(consoles.console, here, assignment, report, is_written=is_written)
    if report.failed:
        raise typer.Exit(1)


def _agreed() -> bool:
    """Ask the user. Raises UsageError if there is no terminal."""
    if not sys.stdin.isatty():
        raise UsageError(NEEDS_YES)
    return typer.confirm("Write these changes into the gradebook?")
