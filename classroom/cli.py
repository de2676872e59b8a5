"""The command line ``classroom COMMAND``; ``leaderboard`` is another name of it."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from classroom import clock, console
from classroom.errors import ClassroomError, DatabaseUnusable, NotAllowed
from classroom.storage.database import DEFAULT_URL, Database

DEMO_URL = "sqlite:///leaderboard-demo.db"

app = typer.Typer(
    help="Run a competition that nobody can overfit.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
competition_app = typer.Typer(help="Make competitions.", no_args_is_help=True)
roster_app = typer.Typer(help="Register a class.", no_args_is_help=True)
student_app = typer.Typer(help="Register one student.", no_args_is_help=True)
instructor_app = typer.Typer(help="Register somebody who sees everything.", no_args_is_help=True)
token_app = typer.Typer(help="Replace tokens.", no_args_is_help=True)
baseline_app = typer.Typer(help="Add entries to compare with.", no_args_is_help=True)
for name, part in {
    "competition": competition_app,
    "roster": roster_app,
    "student": student_app,
    "instructor": instructor_app,
    "token": token_app,
    "baseline": baseline_app,
}.items():
    app.add_typer(part, name=name)

Db = Annotated[
    str,
    typer.Option(
        "--db", envvar="LEADERBOARD_DB", help="sqlite:///FILE or postgresql://USER@HOST/NAME."
    ),
]
Slug = Annotated[str, typer.Argument(help="The competition.")]
Student = Annotated[str, typer.Argument(help="The id in the roster.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(console.version())
        raise typer.Exit


@app.callback()
def every_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before the name of a command."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8000,
    db: Db = DEFAULT_URL,
) -> None:
    """Serve the board and its API until the process is stopped."""
    from classroom.web.app import create_app
    from classroom.web.serve import serve as serve_forever
    from classroom.web.service import Service

    # Ctrl-C is the usual way to stop the server.
    with Database(db) as database, contextlib.suppress(KeyboardInterrupt):
        application = create_app(Service(database))
        serve_forever(application, host, port, lambda address: console.warn([address]))


@competition_app.command("create")
def competition_create(
    file: Annotated[Path, typer.Argument(help="The competition's TOML.")], db: Db = DEFAULT_URL
) -> None:
    """Make a competition. Its labels and its split never change afterwards."""
    from classroom.board.competitions import create
    from classroom.board.rules.competition_file import read_competition
    from classroom.people.roster import large_teams

    described = read_competition(file)
    with Database(db) as database, database.write() as session:
        made = create(session, clock.now(), described)
        warnings = large_teams(session)
    console.say(
        f"{made.slug}: {made.pictures} pictures, {made.public_pictures} of them public, "
        f"{made.classes} classes"
    )
    console.warn(warnings)


@roster_app.command("import")
def roster_import(
    file: Annotated[Path, typer.Argument(help="CSV with id, name, email, perhaps team.")],
    db: Db = DEFAULT_URL,
) -> None:
    """Register a class; write the tokens of new students, only now, to standard output."""
    from classroom.people.roster import large_teams
    from classroom.people.roster_file import import_roster, read_roster, tokens_csv

    rows = read_roster(file)
    with Database(db) as database, database.write() as session:
        tokens = import_roster(session, clock.now(), rows, file.name)
        warnings = large_teams(session)
    sys.stdout.write(tokens_csv(tokens))
    console.warn([f"{len(rows)} students, {len(tokens)} of them new", *warnings])


@student_app.command("add")
def student_add(
    student: Student,
    name: Annotated[str, typer.Argument(help="The real name.")],
    email: Annotated[str, typer.Option()] = "",
    team: Annotated[str, typer.Option(help="Shares quota and score with its members.")] = "",
    db: Db = DEFAULT_URL,
) -> None:
    """Register a student; write id and token to standard output."""
    _add(db, student, name, email, team, "student")


@instructor_app.command("add")
def instructor_add(
    name: Annotated[str, typer.Argument(help="An id, as in a roster.")], db: Db = DEFAULT_URL
) -> None:
    """Register an instructor; write id and token to standard output."""
    _add(db, name, name, "", "", "instructor")


def _add(db: str, student: str, name: str, email: str, team: str, role: str) -> None:
    from classroom.people.roster import enter, large_teams, problems_of
    from classroom.people.roster_file import tokens_csv
    from classroom.storage import audit

    problems = problems_of(student, name, email, team)
    if problems:
        raise NotAllowed("\n".join(problems))
    with Database(db) as database, database.write() as session:
        now = clock.now()
        token = enter(session, now, student, name, email, team, role)
        if token is None:
            raise NotAllowed(
                f"{student} is registered already; for a new token: leaderboard token rotate"
            )
        audit.record(session, now, audit.OPERATOR, f"{role} added", student)
        warnings = large_teams(session)
    sys.stdout.write(tokens_csv({student: token}))
    console.warn(warnings)


@token_app.command("rotate")
def token_rotate(student: Student, db: Db = DEFAULT_URL) -> None:
    """Replace a token; write id and new token to standard output. The old token stops working."""
    from classroom.people.roster import rotate
    from classroom.people.roster_file import tokens_csv

    with Database(db) as database, database.write() as session:
        token = rotate(session, clock.now(), student)
    sys.stdout.write(tokens_csv({student: token}))


@baseline_app.command("add")
def baseline_add(
    slug: Slug,
    name: Annotated[str, typer.Argument(help="What the board calls it.")],
    file: Annotated[Path, typer.Argument(help="Its predictions.")],
    db: Db = DEFAULT_URL,
) -> None:
    """Add an entry to compare with; it takes no rank."""
    from classroom.board.answer_keys import AnswerKeys
    from classroom.board.baselines import add
    from classroom.board.competitions import find
    from classroom.board.scoring import shown_score

    try:
        data = file.read_bytes()
    except OSError as error:
        raise ClassroomError(f"{file} cannot be read: {error.strerror or error}") from error
    with Database(db) as database, database.write() as session:
        competition = find(session, slug)
        team = add(session, clock.now(), AnswerKeys(), competition, name, data, file.name)
        shown = shown_score(competition, team.standing or 0)
    console.say(f"{name}: {competition.metric} {shown:.4f} on the public pictures")


@app.command()
def disqualify(
    submission: Annotated[int, typer.Argument(help="Its number.")],
    why: Annotated[str, typer.Option(help="The reason, for the record.")],
    db: Db = DEFAULT_URL,
) -> None:
    """Take a submission out of the standings."""
    from classroom.board.answer_keys import AnswerKeys
    from classroom.board.disqualification import disqualify as take_out

    with Database(db) as database, database.write() as session:
        take_out(session, clock.now(), AnswerKeys(), submission, why)
    console.say(f"submission {submission} is disqualified")


@app.command()
def standings(
    slug: Slug,
    private: Annotated[
        bool, typer.Option("--private", help="By the private score, with points.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Every student, for the gradebook.")] = False,
    db: Db = DEFAULT_URL,
) -> None:
    """Show the standings; after the end also private scores and points."""
    from classroom.board.answer_keys import AnswerKeys
    from classroom.board.competitions import find
    from classroom.board.standings import board, private_board, table, table_csv

    with Database(db) as database, database.read() as session:
        competition = find(session, slug)
        key = AnswerKeys().of(session, competition)
        private = private or competition.finalized_at is not None
        if csv:
            sys.stdout.write(table_csv(table(session, competition, key, private)))
            return
        rows = private_board(session, competition, key) if private else board(session, competition)
    shown = [
        [
            "-" if row.baseline else str(row.rank),
            row.handle + " (baseline)" * row.baseline,
            f"{row.score:.4f}",
            f"{row.interval[0]:.3f}-{row.interval[1]:.3f}",
            str(row.submissions),
            f"{row.submitted_at:%Y-%m-%d %H:%M}",
        ]
        for row in rows
    ]
    title = f"{competition.title}, {'private' if private else 'public'}"
    columns = ["rank", "handle", competition.metric, "95%", "entries", "submitted (UTC)"]
    console.show_table(title, columns, shown)


@app.command()
def finalize(
    slug: Slug,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    db: Db = DEFAULT_URL,
) -> None:
    """End a competition: it accepts no more entries and shows the private standings."""
    from classroom.board import competitions

    now = clock.now()
    with Database(db) as database:
        with database.read() as session:
            closes_at = competitions.find(session, slug).closes_at
        if not clock.has_closed(now, closes_at) and not yes and sys.stdin.isatty():
            until = "it has no deadline" if closes_at is None else f"it closes at {closes_at} only"
            typer.confirm(f"{slug} is still open ({until}). End it now, for good?", abort=True)
        with database.write() as session:
            competitions.finalize(session, now, slug)
    console.say(f"{slug} is finalized: private standings are shown, no entry is taken any more")


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed makes the same entries.")] = 1,
    students: Annotated[int, typer.Option(min=6, max=900)] = 40,
    db: Db = DEMO_URL,
) -> None:
    """Make up a competition with baselines and a term of entries, to look at."""
    from classroom.demo import make

    with console.OUT.status("making up a term"), Database(db) as database:
        made = make(database, clock.now(), seed, students)
    console.say(f"{made.students} students, {made.submissions} scored submissions in {made.slug}")
    console.say(f"token of the student {made.student}: {made.student_token}")
    console.say(f"token of the instructor: {made.instructor_token}")
    console.say(
        f"to look at it: leaderboard serve --db {db}, then http://127.0.0.1:8000/c/{made.slug}"
    )


def main() -> None:
    """Run the command line; print an error that the user can act on as one message.

    Exit codes: 0 done; 1 the database or the address cannot be used, or the command was stopped;
    2 wrong usage, or a file with mistakes.
    """
    try:
        app()
    except DatabaseUnusable as error:
        console.end(str(error), 1)
    except ClassroomError as error:
        console.end(str(error), 2)
    except KeyboardInterrupt:
        console.end("stopped", 1)
