"""The command line: ``autograder COMMAND``. Each command calls one module."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.markup import escape

from autograder import __version__
from autograder.atomic_write import disk_error, is_full, write_whole
from autograder.cli import authoring, collecting, consoles, dates, people
from autograder.cli import gradescope as gradescopes
from autograder.cli import registration as cells
from autograder.cli.display.changes import changes
from autograder.cli.display.doctor import examined
from autograder.cli.display.graded import Shown, graded
from autograder.cli.display.packs import packed
from autograder.cli.display.pages import pages
from autograder.cli.display.progress import progress
from autograder.cli.display.release import edits, not_taken, released
from autograder.cli.display.simulation import simulated
from autograder.cli.display.verification import verified
from autograder.cli.exports import export
from autograder.cli.notes import comment
from autograder.cli.options import (
    SETTINGS_HELP,
    CourseDir,
    PackedFor,
    Sandbox,
    SettingsCommand,
    ShownStudents,
    Students,
    Workers,
    settings_of,
)
from autograder.cli.questions import questions
from autograder.cli.regrade import regrade
from autograder.cli.report import report
from autograder.cli.verbose import Verbose
from autograder.course.layout import Course
from autograder.errors import AutograderError, Interrupted
from autograder.interrupts import ctrl_c_waits
from autograder.results import Outcome

if TYPE_CHECKING:  # loads torch, which `autograder --help` does not need
    from autograder.runs.plan import FilesReport

STOPPED = "stopped; finished results are kept, and the same command continues from there"
STOPPED_FORCED = (
    "stopped; --force writes points only after the last notebook, so the gradebook is unchanged or "
    "complete for each student, and the same command starts again"
)

app = typer.Typer(
    help="Release, grade and explain notebook assignments.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
new = typer.Typer(help="Start an assignment or an exercise.", no_args_is_help=True)
app.add_typer(new, name="new")
app.add_typer(people.roster, name="roster")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def every_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options before the name of a command."""


@new.command("assignment")
def new_assignment(
    name: Annotated[str, typer.Argument(help="Name of the new folder in source/.")],
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write a small lesson with one exercise into source/NAME/, ready to be released.

    A folder that is no course yet becomes one: nbgrader_config.py is written too.
    """
    from autograder.authoring.new_assignment import new_assignment as write

    commands = f"`autograder release {name}` and `autograder verify {name}`"
    authoring.wrote(
        write(course or Path.cwd(), name), f"edit source/{name}/01_{name}.py, then {commands}"
    )


@new.command("exercise")
def new_exercise(
    notebook: authoring.Lesson,
    name: Annotated[str, typer.Argument(help="Name of the function that students write.")],
    after: Annotated[
        str, typer.Option(help="The exercise that it follows; default: the last one.")
    ] = "",
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Add an exercise to a lesson: its cells, and exercises/NAME/ with check and answers."""
    from autograder.authoring.new_exercise import new_exercise as write

    assignment = notebook.partition("/")[0]
    authoring.wrote(
        write(Course.find(course), notebook, name, after),
        f"change the cells of {name} and the files in exercises/{name}/, then "
        f"`autograder release {assignment}` and `autograder verify {assignment}`",
    )


@app.command()
def edit(
    notebook: authoring.Lesson,
    take: Annotated[
        authoring.Side | None,
        typer.Option(help="Keep this side, write it over the other one, and end."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Convert now, and end.")] = False,
    lab: Annotated[bool, typer.Option("--lab", help="Start JupyterLab too.")] = False,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Edit a lesson as a notebook in JupyterLab, with nbgrader's toolbar if you like.

    Writes source/ASSIGNMENT/NOTEBOOK.ipynb. Until Ctrl-C, each saved notebook goes back into the
    lesson and its checks, and each changed lesson goes into the notebook.
    """
    from autograder.pairing.pair import Pair

    pair = Pair.named(Course.find(course), notebook)
    is_last = once or take is not None
    authoring.convert(pair, take, last=is_last)
    if not is_last:
        authoring.watch(pair, lab=lab)


@app.command()
def release(
    assignments: Annotated[list[str], typer.Argument(help="Names of folders in source/.")],
    course: CourseDir = None,
    verbose: Verbose = 0,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a shadow is stale.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Write nothing; say what would change, in the gradebook too."
        ),
    ] = False,
) -> None:
    """Build assignments/ and solutions/ from source/, and enter the assignment in the gradebook."""
    from autograder.release.release import planned_release, stale
    from autograder.release.release import release as release_one

    here = Course.find(course)
    if dry_run:
        for name in assignments:
            report = planned_release(here, name)
            released(consoles.console, report, planned=True)
            cells.planned(consoles.console, report.registration)
        return
    if check:
        old = [path for name in assignments for path in stale(here, name)]
        for path in old:
            consoles.console.print(f"stale: {escape(str(path))}")
        if old:
            raise typer.Exit(1)
        consoles.console.print("assignments/ and solutions/ are fresh")
        return
    for name in assignments:
        report = release_one(here, name)
        released(consoles.console, report)
        cells.registered(consoles.console, report.registration)


@app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)
def verify(
    context: typer.Context,
    assignment: str,
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook (repeat for several).")
    ] = None,
    course: CourseDir = None,
    verbose: Verbose = 0,
    sandbox: Sandbox = "",
    workers: Workers = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the findings to this file.")
    ] = None,
) -> None:
    """Grade the graders: the reference, the stub, misconceptions, right and wrong answers."""
    with ctrl_c_waits():
        from autograder.pairing.pair import take_edits
        from autograder.runs.verify import verify as verify_all

    started = time.monotonic()
    here, chosen = Course.find(course, settings_of(context)), tuple(notebook or ())
    edits(consoles.console, take_edits(here, assignment))
    with progress(consoles.console, f"verifying {assignment}") as advance:
        found = verify_all(here, assignment, sandbox, workers, advance, chosen)
    verified(consoles.console, found, time.monotonic() - started)
    if json_file is not None:
        text = json.dumps([one.document for one in found], indent=2)
        write_whole(json_file, text + "\n")
    if not all(one.passed for one in found):
        raise typer.Exit(1)


@app.command()
def simulate(
    assignment: str,
    students: Annotated[int, typer.Option(min=1, help="Size of the class.")] = 12,
    seed: Annotated[int, typer.Option(help="The same seed makes the same class.")] = 1,
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write a made-up class into submitted/."""
    from autograder.runs.simulate import simulate as simulate_class

    here = Course.find(course)
    simulated(consoles.console, here, simulate_class(here, assignment, students, seed))


app.command()(collecting.collect)


@app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)
def grade(
    context: typer.Context,
    assignment: str,
    student: ShownStudents = None,
    workers: Workers = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Also grade unchanged notebooks again.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the results to this file.")
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Show a table with a row for each notebook too.")
    ] = False,
    sandbox: Sandbox = "",
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Grade the submissions, and sum up the class; exit 1 when a submission has no verdict."""
    with ctrl_c_waits():
        from autograder.pairing.pair import edited_notebooks
        from autograder.runs.class_run import ClassRun

    here = Course.find(course, settings_of(context))
    not_taken(consoles.console, edited_notebooks(here, assignment))
    run = ClassRun(here, assignment, tuple(student or ()), workers, sandbox, force)
    started = time.monotonic()
    reports: list[FilesReport] = []
    with progress(consoles.console, f"grading {assignment}") as advance:
        try:
            results = run.grade(
                lambda at: advance(at.done, at.total, ", ".join(at.current)),
                lambda found: changes(consoles.console, found),
                reports.append,
                lambda done: cells.registered(consoles.console, done),
            )
        except KeyboardInterrupt:
            raise Interrupted(STOPPED_FORCED if force else STOPPED) from None
    if json_file is not None:
        text = json.dumps([result.public() for result in results], indent=2)
        write_whole(json_file, text + "\n")
    took_s = time.monotonic() - started
    graded(consoles.console, here, Shown(results, reports, took_s, run.students, details))
    if any(result.outcome is Outcome.GRADER_ERROR for result in results):
        raise typer.Exit(1)


@app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)
def feedback(
    context: typer.Context,
    assignment: str,
    student: Students = None,
    changed: Annotated[
        bool, typer.Option("--changed", help="Leave pages whose results did not change since.")
    ] = False,
    lms: PackedFor = "",
    course: CourseDir = None,
    verbose: Verbose = 0,
) -> None:
    """Write each student's feedback page; exit 1 when a page is missing or not whole."""
    from autograder.pages.feedback import write_feedback
    from autograder.pages.packs import check_lms, write_pack
    from autograder.people.roster import people_of

    here = Course.find(course, settings_of(context))
    packed_for = check_lms(lms) if lms else None
    written = write_feedback(here, assignment, student or None, changed_only=changed)
    pages(consoles.console, here, written)
    is_whole = not written.troubles
    if packed_for is not None:
        chosen = set(student) if student else None
        pack = write_pack(here, assignment, packed_for, chosen, written.left)
        packed(consoles.console, pack, people_of(here))
        is_whole = is_whole and not pack.left_out
    if not is_whole:
        raise typer.Exit(1)


app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)(regrade)
app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)(report)
app.command()(comment)
app.command()(dates.due)
app.command()(dates.extend)
app.command()(dates.excuse)
app.command()(dates.late)
app.command()(export)
app.command()(questions)


@app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)
def doctor(
    context: typer.Context, course: CourseDir = None, sandbox: Sandbox = "", verbose: Verbose = 0
) -> None:
    """Say whether this machine is ready, and list the course's settings."""
    with ctrl_c_waits():
        from autograder.runs.doctor import examine

    here = Course.find(course, settings_of(context))
    report = examine(here, sandbox or here.settings.sandbox)
    examined(consoles.console, here, report)
    if not report.ready:
        raise typer.Exit(1)


app.command(cls=SettingsCommand, epilog=SETTINGS_HELP)(gradescopes.gradescope)


def main() -> None:
    """Run the command line; an error that the user can fix is one message and exit code 2."""
    consoles.replace_unknown_characters()
    try:
        app()
    except Interrupted as stop:
        _end(str(stop), 130)
    except AutograderError as error:
        _end(str(error), 2)
    except OSError as error:
        if not is_full(error):
            raise
        _end(str(disk_error(error, error.filename or "a file")), 2)
    except KeyboardInterrupt:
        _end("stopped", 130)
    except SystemExit as end:
        if end.code == 130:  # Ctrl-C, turned into this by typer
            _end("stopped", 130)
        raise


def _end(message: str, code: int) -> NoReturn:
    consoles.errors.print(f"[bold red]autograder:[/] {escape(message)}", soft_wrap=True)
    sys.exit(code)
