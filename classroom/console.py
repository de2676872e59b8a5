"""The console: lines on standard output and standard error, and the name of the program."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.table import Table

OUT = Console()
ERRORS = Console(stderr=True)


def program() -> str:
    """Return the name under which the program was started: classroom, or leaderboard."""
    started = Path(sys.argv[0])
    return started.parent.name if started.stem == "__main__" else started.stem


def version() -> str:
    """Return the line for the option ``--version``."""
    return f"{program()} {importlib.metadata.version('autograder-course')}"


def say(text: str) -> None:
    """Print a line to standard output."""
    OUT.print(escape(text), soft_wrap=True, highlight=False)


def warn(lines: list[str]) -> None:
    """Print lines to standard error."""
    for line in lines:
        ERRORS.print(escape(line), soft_wrap=True, highlight=False)


def show_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print a table; long lines wrap."""
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    Console(width=max(OUT.width, 90)).print(table)


def end(message: str, code: int) -> NoReturn:
    """Print a message to standard error and end the program with an exit code."""
    ERRORS.print(f"[bold red]{program()}:[/] {escape(message)}", soft_wrap=True, highlight=False)
    sys.exit(code)
