"""The progress bar of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from autograder.cli.display.text import escape, shortened


@contextmanager
def progress(console: Console, what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar; call the yielded function with the done, all and current notebooks.

    It redraws only on such a call, because a redrawing thread would not survive the fork of
    workers.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[now]}"),
        console=console,
        auto_refresh=False,
        transient=True,
    )
    with bar:
        task = bar.add_task(escape(shortened(what, 30)), total=None, now="starting")
        room = max(12, console.width - 75)  # columns beside the bar

        def advance(done: int, total: int, now: str = "") -> None:
            bar.update(task, completed=done, total=total, now=escape(shortened(now, room)))
            bar.refresh()

        yield advance
