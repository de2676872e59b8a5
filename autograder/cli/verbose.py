"""The log of the engine on the terminal, for operators: ``-v``.

It stands beside the run's log in ``.autograder/log/``, which is complete and for programs. Names
and paths may hold any text, so they are shown in one line, without markup and control characters.
"""

from __future__ import annotations

import logging
from typing import Annotated

import typer
from rich.console import Console

from autograder.cli.display.text import escape, one_line

_LEVELS = {1: logging.INFO, 2: logging.DEBUG}


class TerminalHandler(logging.Handler):
    """Prints records on a console, one line each."""

    def __init__(self, console: Console, level: int) -> None:
        super().__init__(level)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print the time, the room and the message."""
        try:
            room = record.name.removeprefix("autograder.").partition(".")[0]
            when = logging.Formatter().formatTime(record, "%H:%M:%S")
            text = escape(one_line(record.getMessage()))
            self._console.print(
                f"[dim]{when} {room}:[/] {text}", soft_wrap=True, highlight=False, emoji=False
            )
        except Exception:  # as logging's own handlers: no record may end the program
            self.handleError(record)


def show_log(context: typer.Context, verbose: int) -> int:
    """Show the engine's log on stderr until the command ends: its steps, with 2 each file too."""
    if verbose:
        log = logging.getLogger("autograder")
        level = _LEVELS.get(verbose, logging.DEBUG)
        handler, before = TerminalHandler(Console(stderr=True), level), log.level
        log.addHandler(handler)
        log.setLevel(level)

        def stop() -> None:
            log.removeHandler(handler)
            log.setLevel(before)

        context.call_on_close(stop)
    return verbose


Verbose = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, callback=show_log, is_eager=True, show_default=False,
        help="Say what the engine does; -vv names each file that it writes.",
    ),
]  # fmt: skip
