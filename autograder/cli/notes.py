"""``autograder comment``: notes of the instructor on students' pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from autograder.cli import consoles
from autograder.cli.display.text import escape, first_names, one_line, shortened
from autograder.cli.options import CourseDir
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.interrupts import ctrl_c_waits
from autograder.people.person import Person, shown

if TYPE_CHECKING:  # loads nbgrader, for which `autograder --help` need not wait
    from autograder.records.notes import Note, SentNote

_FEW = 8  # names in a line


def comment(
    assignment: str,
    text: Annotated[str, typer.Option(help="The note: plain text, with line breaks.")] = "",
    student: Annotated[
        list[str] | None, typer.Option(help="To this student (repeat for several).")
    ] = None,
    diagnosis: Annotated[str, typer.Option(help="To all in whose results this mistake is.")] = "",
    exercise: Annotated[
        str, typer.Option(help="To all who handed it in, or the place of the note.")
    ] = "",
    notebook: Annotated[str, typer.Option(help="The notebook in which the note stands.")] = "",
    list_notes: Annotated[bool, typer.Option("--list", help="List the notes so far.")] = False,
    undo: Annotated[int, typer.Option(help="Remove the note with this number.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say whom the note reaches, and write nothing.")
    ] = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write a note to a student, or to every student with a mistake, onto their feedback pages."""
    with ctrl_c_waits():
        from autograder.people.roster import people_of
        from autograder.records.notes import sent_notes
        from autograder.records.written_notes import checked_text, undo_note, write_notes
        from autograder.runs.recipients import Address, addressed

    here = Course.find(course)
    here.notebook_sources(assignment)
    people = people_of(here)
    if list_notes:
        _list(sent_notes(here, assignment), people)
        return
    if undo:
        sent = undo_note(here, assignment, undo)
        _say(f"removed note {sent.number} from {_names(sent.students, people)}")
        _next(assignment)
        return
    to = Address(tuple(student or ()), diagnosis, exercise, notebook)
    notes = addressed(here, assignment, to, checked_text(text))
    if not notes:
        _say(f"nothing was written: no recorded result has {diagnosis or exercise}")
        return
    if dry_run:
        _say(f"would reach {_names([note.student for note in notes], people)}; nothing was written")
        return
    sent = write_notes(here, notes)
    _say(f"note {sent.number} for {_names(sent.students, people)}{_place(sent.note)}")
    _next(assignment)


def _list(notes: list[SentNote], people: Mapping[str, Person]) -> None:
    if not notes:
        _say("no notes")
        return
    table = Table()
    for name in ("number", "written (UTC)", "students", "about", "text"):
        table.add_column(name)
    for one in notes:
        names = first_names([shown(student, people) for student in one.students])
        table.add_row(
            str(one.number), f"{one.written_at:%Y-%m-%d %H:%M}",
            escape(f"{len(one.students)}: {names}"),
            escape(one.note.diagnosis or one.note.exercise or one.note.notebook or "all"),
            escape(shortened(one_line(one.note.text), 60)),
        )  # fmt: skip
    consoles.console.print(table)


def _names(students: Sequence[str], people: Mapping[str, Person]) -> str:
    names = [shown(student, people) for student in sorted(set(students))]
    return f"{len(names)} student{'s' * (len(names) != 1)}: {first_names(names, _FEW)}"


def _place(note: Note) -> str:
    if note.exercise:
        return f", at {note.exercise}"
    return f", in {note.notebook}" if note.notebook else ""


def _say(text: str) -> None:
    consoles.console.print(escape(text), soft_wrap=True)


def _next(assignment: str) -> None:
    from shlex import quote

    _say(f"next: `autograder feedback {quote(assignment)} --changed` writes their pages")
