"""``autograder report``: the class at a glance, as a page and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.atomic_write import write_whole
from autograder.cli import consoles
from autograder.cli.display.text import escape, near
from autograder.cli.options import CourseDir, settings_of
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.interrupts import ctrl_c_waits

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.report.class_data import ClassData
    from autograder.report.document import Report, Similar

_WORK = ("never graded", "files changed", "course changed")  # needs that change the numbers


def report(
    context: typer.Context,
    assignment: str,
    out: Annotated[
        Path | None, typer.Option(help="The page; default: report/ASSIGNMENT.html.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the same data to this file.")
    ] = None,
    section: Annotated[str, typer.Option(help="Only this section of the roster.")] = "",
    similar: Annotated[
        bool, typer.Option("--similar", help="Also compare answers with each other.")
    ] = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write one page about the class: points, exercises, mistakes, times, and open work.

    Nothing is graded. The page and the JSON are for lecturers: only you can read the files.
    """
    with ctrl_c_waits():
        from autograder.report.build import build
        from autograder.report.gather import gather
        from autograder.report.page import page

    here = Course.find(course, settings_of(context))
    found = gather(here, assignment)
    alike = _similar(here, found, section) if similar else None
    made = build(found, section, alike)
    path = out or here.root / "report" / f"{assignment}.html"
    write_whole(path, page(made), is_private=True)
    if json_file is not None:
        write_whole(json_file, made.to_json(), is_private=True)
    _told(made, path, json_file)


def _similar(here: Course, found: ClassData, section: str) -> Similar:
    """The answers that are alike; of the whole class, even for a section."""
    from autograder.report.similar.find import find_similar

    return find_similar(here, found, section)


def _told(made: Report, path: Path, json_file: Path | None) -> None:
    total, count = made.total, made.count
    middle = "no points yet"
    if total.median is not None:
        middle = f"median {round(total.median, 2):g} of {round(total.max_points, 2):g} points"
    console = consoles.console
    of = f"{escape(made.assignment)}, section {escape(made.section)}" if made.section else ""
    console.print(
        f"{of or escape(made.assignment)}: {count.handed_in:,} of {count.students:,} students "
        f"handed in, {middle}",
        soft_wrap=True,
    )
    for need in made.needs:
        if need.kind in _WORK:
            console.print(f"[yellow]{need.title}[/]: run `{escape(need.command)}`", soft_wrap=True)
    others = [escape(need.title) for need in made.needs if need.kind not in _WORK]
    if others:
        console.print(f"needs a person: {'; '.join(others)}", soft_wrap=True)
    if made.similar is not None:
        found = made.similar.found
        pairs = "1 pair of answers is" if found == 1 else f"{found:,} pairs of answers are"
        console.print(f"{pairs} alike: something to look at, never a verdict", soft_wrap=True)
    console.print(f"page in {escape(near(path))}, for lecturers only", soft_wrap=True)
    if json_file is not None:
        console.print(f"data in {escape(near(json_file))}", soft_wrap=True)
