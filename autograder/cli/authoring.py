"""New files and an edit in JupyterLab on the command line."""

from __future__ import annotations

import time
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli import consoles
from autograder.cli.display.release import edited
from autograder.cli.display.text import escape, near
from autograder.errors import AutograderError

if TYPE_CHECKING:  # loads jupytext, which `autograder --help` does not need
    from autograder.pairing.pair import Pair, Step

Lesson = Annotated[
    str,
    typer.Argument(metavar="ASSIGNMENT/NOTEBOOK", help="The lesson, such as conv/01_convolution."),
]


class Side(StrEnum):
    """The side that is kept where lesson and notebook were both edited."""

    NOTEBOOK = "notebook"
    LESSON = "lesson"


def wrote(files: Iterable[Path], next_step: str) -> None:
    """The new files, and the next step of their author."""
    for path in files:
        consoles.console.print(f"wrote {escape(near(path))}", soft_wrap=True)
    consoles.console.print(f"next: {escape(next_step)}", soft_wrap=True)


def convert(pair: Pair, take: Side | None, *, last: bool) -> None:
    """Convert once and list the written files; ``last`` also says if there was nothing to do.

    Raises as ``Pair.bring_together``.
    """
    step = pair.bring_together(take.value if take else "")
    if step.taken:
        edited(consoles.console, step)
    elif last:
        consoles.console.print(f"{escape(pair.name)}: lesson and notebook are the same")


def watch(pair: Pair, *, lab: bool) -> None:
    """Convert after each save, until Ctrl-C or the end of the JupyterLab that ``lab`` starts."""
    from autograder.authoring import session

    path = escape(near(pair.notebook))
    consoles.console.print(
        f"{path} is ready for JupyterLab. Each save goes into the lesson; Ctrl-C ends.",
        soft_wrap=True,
    )
    try:
        if lab:
            with session.jupyterlab(pair) as running:
                session.watch(pair, _tell, lambda: session.pause() and running.poll() is None)
        else:
            session.watch(pair, _tell)
    except KeyboardInterrupt:
        consoles.console.print("\nended; the next `autograder edit` or `release` takes later edits")


def _tell(said: Step | AutograderError) -> None:
    """One step or one error of the watch, with the time."""
    consoles.console.print(f"[dim]{time.strftime('%H:%M:%S')}[/]", highlight=False, end=" ")
    if isinstance(said, AutograderError):
        consoles.console.print(f"[bold red]not converted:[/] {escape(str(said))}", soft_wrap=True)
    else:
        edited(consoles.console, said)
