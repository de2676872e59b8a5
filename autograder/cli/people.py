"""The roster on the command line: ``autograder roster import`` and ``autograder roster list``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from autograder.cli import consoles
from autograder.cli.display.text import escape, near, one_line, shortened
from autograder.cli.options import CourseDir
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course

if TYPE_CHECKING:  # these load nbgrader, for which `autograder --help` need not wait
    from autograder.people.changes import RosterChanges
    from autograder.people.importing import Imported
    from autograder.people.person import Person

roster = typer.Typer(help="The people of the course: import and list them.", no_args_is_help=True)
_MOST = 12  # people of a kind that are listed
_NAME = 60  # columns of a person


@roster.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV of Canvas, Moodle, Gradescope or a table.")],
    id_column: Annotated[
        str,
        typer.Option(
            "--id",
            metavar="COLUMN",
            help="The column that becomes the id, the name of a student's folder. Default: id, "
            "else username or SIS Login ID, else SIS User ID or ID number, else Canvas's id, else "
            "email.",
        ),
    ] = "",
    add: Annotated[
        bool, typer.Option("--add", help="Only add and correct; mark nobody as gone.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; say what would change.")
    ] = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Bring the people of the course up to date with a file.

    People that the file lacks are marked as gone; their grades stay.
    """
    from autograder.nbgrader_api.database import explained, read_only
    from autograder.people.importing import import_roster
    from autograder.records.gradebook import open_gradebook

    here = Course.find(course)
    if dry_run:
        with explained(here.gradebook), read_only(here.gradebook) as session:
            done = import_roster(
                here, session, file, id_column=id_column, add_only=add, dry_run=True
            )
    else:
        with open_gradebook(here) as gradebook:
            done = import_roster(here, gradebook.db, file, id_column=id_column, add_only=add)
    _imported(done, file, planned=dry_run)


@roster.command("list")
def list_people(course: CourseDir = None, verbose: Verbose = 0) -> None:
    """List the people of the course."""
    from autograder.people.roster import people_of

    people = people_of(Course.find(course)).values()
    if not people:
        _say("nobody is in the gradebook yet; `autograder roster import FILE` adds people")
        return
    gone = sum(person.gone_at is not None for person in people)
    title = f"{_count(len(people) - gone, 'student')}{f', {gone} gone' if gone else ''}"
    table = Table(title=title, title_justify="left")
    with_sections = any(person.section for person in people)
    with_others = any(person.other_ids for person in people)
    for heading in ("id", "name", "email"):
        table.add_column(heading, overflow="fold")
    if with_sections:
        table.add_column("section", overflow="fold")
    if with_others:
        table.add_column("other ids", overflow="fold")
    if gone:
        table.add_column("gone", no_wrap=True)
    for person in people:
        cells = [person.id, person.name, person.email]
        cells += [person.section] if with_sections else []
        if with_others:
            cells.append(", ".join(f"{kind} {text}" for kind, text in person.other_ids.items()))
        if gone:
            cells.append("" if person.gone_at is None else f"{person.gone_at:%Y-%m-%d}")
        table.add_row(*(escape(one_line(cell)) for cell in cells))
    consoles.console.print(table)


def _imported(done: Imported, file: Path, *, planned: bool) -> None:
    """The read file, the changes, and the next step."""
    found = done.roster
    _say(
        f"{near(file)}: {found.layout}, {_count(len(found.people), 'student')}, "
        f"ids from the column {found.id_heading!r}"
    )
    for remark in found.remarks[:_MOST]:
        _say(f"  {remark}")
    if len(found.remarks) > _MOST:
        _say(f"  and {len(found.remarks) - _MOST} more remarks")
    _changes(done.changes, planned=planned)
    if done.strangers:
        _say(f"folders in submitted/ that belong to nobody: {_some(done.strangers)}")
        _say("  mend their names, or import the roster with another --id COLUMN")
    if planned:
        _say("nothing was written; run it without --dry-run")


def _changes(found: RosterChanges, *, planned: bool) -> None:
    kinds: list[tuple[str, Sequence[Person]]] = [
        ("added", found.added),
        ("back", found.back),
        ("gone", found.gone),
    ]
    would = "would be " if planned else ""
    for word, people in kinds:
        if people:
            _say(f"{would}{word}: {len(people):,}: {_some(one.shown for one in people)}")
    corrected = [one for one in found.corrected if one.told]
    if corrected:
        _say(f"{would}corrected: {len(corrected):,}")
        for one in corrected[:_MOST]:
            _say(f"  {one.before.id}: {one.told}")
        if len(corrected) > _MOST:
            _say(f"  and {len(corrected) - _MOST} more")
    if found.gone:
        _say("  their grades stay, and exports leave them out; --add marks nobody as gone")
    if not found.to_write:
        _say("nothing changes" if planned else "nothing changed")
    elif found.unchanged:
        _say(f"unchanged: {found.unchanged:,}")


def _some(names: Iterable[str]) -> str:
    """The first names, and the number of the others."""
    listed = list(names)
    more = f" and {len(listed) - _MOST:,} more" if len(listed) > _MOST else ""
    return ", ".join(shortened(name, _NAME) for name in listed[:_MOST]) + more


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _say(text: str) -> None:
    consoles.console.print(escape(text), soft_wrap=True, highlight=False)
