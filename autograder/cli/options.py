"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from autograder.config.settings import ARGUMENT

CourseDir = Annotated[
    Path | None,
    typer.Option("--course", help="Course folder; default: the one at or above this folder."),
]
Sandbox = Annotated[
    str, typer.Option(help="How to isolate submissions: bubblewrap, or process (weak).")
]
Workers = Annotated[int, typer.Option(help="Submissions graded at once; 0: one a core.", min=0)]
PackedFor = Annotated[
    str,
    typer.Option("--for", help="Also pack the pages for the bulk upload of moodle or canvas."),
]
Students = Annotated[
    list[str] | None, typer.Option("--student", help="Only this student (repeat for several).")
]
ShownStudents = Annotated[
    list[str] | None,
    typer.Option(
        "--student", help="Grade only this student, and show each exercise (repeat for several)."
    ),
]

SETTINGS_HELP = (
    f"Settings of the course can be replaced for this run: {ARGUMENT}cell_s=30. "
    "`autograder doctor` lists them."
)


class SettingsCommand(TyperCommand):
    """A command that takes arguments ``--Autograder.NAME=VALUE``; see ``settings_of``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        options = args[: args.index("--")] if "--" in args else args
        given = [one for one in options if one.startswith(ARGUMENT)]
        ctx.meta[ARGUMENT] = given
        rest = [one for one in options if not one.startswith(ARGUMENT)] + args[len(options) :]
        return super().parse_args(ctx, rest)


def settings_of(context: typer.Context) -> list[str]:
    """The arguments ``--Autograder.NAME=VALUE`` of a command."""
    return list(context.meta.get(ARGUMENT, ()))
