"""Text from outside in the terminal: without commands, in one line, shortened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.markup import escape as escape_markup


def escape(text: str) -> str:
    """Text from outside without markup and without control characters of terminals."""
    return escape_markup(printable(text))


def printable(text: str) -> str:
    """Text from outside without control characters of terminals; it may hold markup."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def one_line(text: str) -> str:
    """Text from outside in one line, without line breaks."""
    return " ".join(text.split())


def shortened(name: str, most: int) -> str:
    """A name in one line; if it is longer than so many columns, its middle is left out."""
    name = one_line(name)
    if cell_len(name) <= most:
        return name
    ends = max(1, (most - 1) // 2)
    head, tail = set_cell_size(name, most - 1 - ends).rstrip(), name[-ends:]
    while cell_len(tail) > ends:
        tail = tail[1:]
    return f"{head}…{tail}"


def short_names(names: Iterable[str], most: int) -> dict[str, str]:
    """Names shortened to so many columns; names that would become equal stay whole."""
    short = {name: shortened(name, most) for name in names}
    alike = Counter(short.values())
    return {name: text if alike[text] == 1 else one_line(name) for name, text in short.items()}


def first_names(names: Sequence[str], most: int = 3) -> str:
    """Some names in one line, and the number of the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shortened(name, 40) for name in names[:most]) + more


def near(path: Path) -> str:
    """A path as one would type it in the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
