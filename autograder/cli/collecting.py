"""``autograder collect``: downloads of a learning management system into ``submitted/``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from autograder.cli import consoles
from autograder.cli.display.progress import progress
from autograder.cli.options import CourseDir
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.interrupts import ctrl_c_waits

if TYPE_CHECKING:
    from autograder.records.term.times import Times


class From(StrEnum):
    """The layouts of downloads."""

    canvas = "canvas"
    moodle = "moodle"
    gradescope = "gradescope"
    classroom = "classroom"
    nbgrader = "nbgrader"
    plain = "plain"


def collect(
    assignment: str,
    files: Annotated[list[Path], typer.Argument(help="Zips, folders and files; several at once.")],
    layout: Annotated[
        From | None,
        typer.Option("--from", help="The system; recognised by default."),
    ] = None,
    time_zone: Annotated[
        str,
        typer.Option(
            help="Zone of times that name none, such as Europe/Berlin; else the course's."
        ),
    ] = "",
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="A CSV with name,student[,time] for names that fit nobody."),
    ] = None,
    file_times: Annotated[
        bool, typer.Option("--file-times", help="Take the files' own times as times of hand-in.")
    ] = False,
    add_strangers: Annotated[
        bool, typer.Option("--add-strangers", help="Take people in who are in no roster.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say the same, and write nothing.")
    ] = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Take hand-ins from downloads of Canvas, Moodle, Gradescope, Google or nbgrader.

    Every version is kept in .autograder/received/. submitted/ gets the files that count.
    """
    with ctrl_c_waits():
        from autograder.cli.display.collected import collected
        from autograder.collect.collection import Choices, Collection
        from autograder.collect.map_file import MapFile, read_map_file
        from autograder.people.roster import people_of
        from autograder.runs.lock import alone

    here = Course.find(course)
    here.notebook_sources(assignment)
    choices = Choices(
        layout.value if layout else "",
        _zone(here, time_zone),
        read_map_file(map_file) if map_file else MapFile(),
        file_times,
        add_strangers,
        dry_run,
    )
    times = _times(here)

    def due(student: str) -> datetime | None:
        return times.due(student, assignment)

    people = people_of(here)
    with progress(consoles.console, f"collecting {assignment}") as advance:
        run = Collection(here, assignment, people, choices, due, advance)
        if dry_run:
            report = run.collect(files)
        else:
            with alone(here, assignment):
                report = run.collect(files)
    collected(consoles.console, here, report, people)
    if report.failed:
        raise typer.Exit(1)


def _zone(course: Course, given: str) -> ZoneInfo | None:
    """The zone of local times; None if neither the command nor the course names one."""
    name = given or dict(course.settings.changed()).get("time_zone", "")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"{name!r} is no time zone; write one such as Europe/Berlin or UTC"
        ) from None


def _times(course: Course) -> Times:
    from autograder.nbgrader_api.database import explained, read_only
    from autograder.records.term.times import read_times

    with explained(course.gradebook), read_only(course.gradebook) as session:
        return read_times(session)
