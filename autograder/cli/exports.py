"""Grades as files on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import consoles
from autograder.cli.display.text import escape, first_names, near
from autograder.cli.options import CourseDir
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.errors import UsageError

_FORMATS = "csv, canvas, moodle, gradescope or json"


def export(
    assignment: Annotated[str, typer.Argument(help="The assignment; none with --all.")] = "",
    format: Annotated[str, typer.Option(help=f"The format: {_FORMATS}.")] = "csv",
    every: Annotated[
        bool, typer.Option("--all", help="A file for each assignment, and the course total.")
    ] = False,
    column: Annotated[
        str, typer.Option(help="The assignment's name in the LMS, such as 'Homework 1 (12345)'.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="The file to write; default: one in grades/.")
    ] = None,
    board: Annotated[
        Path | None,
        typer.Option(help="Points to add: the CSV of 'leaderboard standings SLUG --csv'."),
    ] = None,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write grades for a spreadsheet or a learning management system."""
    from autograder.exports import files
    from autograder.records.board_points import read_board_points

    if format not in list(files.Format):
        raise UsageError(f"{format!r} is not a format; known are {_FORMATS}")
    if every == bool(assignment):
        raise UsageError("name one assignment, or use --all for all of them")
    if every and (out or board or column):
        raise UsageError("--all takes no --out, --board or --column: these are for one assignment")
    here, chosen = Course.find(course), files.Format(format)
    if every:
        done = files.export_course(here, chosen)
    else:
        points = None if board is None else read_board_points(board)
        done = files.export_assignment(
            here, assignment, chosen, board=points, column=column, out=out
        )
    console = consoles.console
    for path in done.files:
        console.print(f"grades in {escape(near(path))}", soft_wrap=True)
    for name in done.ungraded:
        console.print(f"{escape(name)}: nobody was graded yet, so it is left out", soft_wrap=True)
    if done.gone:
        names = escape(first_names([person.shown for person in done.gone]))
        console.print(f"left out, because no longer on the roster: {names}", soft_wrap=True)
