"""Lines of a fixed number of columns."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.cli.display.text import printable, shortened

COLUMNS = 80  # of a terminal, if there is none
_WIDEST = 110
_LONG_WORD = 20  # characters; a path or an id is cut inside


def columns(console: Console) -> int:
    """The columns to use: at most COLUMNS if the output is not a terminal."""
    return min(console.width, _WIDEST if console.is_terminal else COLUMNS)


def command_lines(width: int) -> int:
    """The lines that a command may fill: more on a narrow terminal, where it must not be cut."""
    return 2 if width >= 60 else 12


def line(text: str, width: int, style: str = "") -> Text:
    """Text from outside in one line; if it is too long, it ends after a whole word."""
    shown = printable(" ".join(text.split("\n")))
    if cell_len(shown) > width:
        head = set_cell_size(shown, max(0, width - 1)).rstrip()
        words, space, rest = head.rpartition(" ")
        if space and not shown.startswith(f"{head} ") and len(rest) < _LONG_WORD:
            head = words.rstrip()
        shown = f"{head}…"
    return fitted(Text(shown, style=style), width)


def fitted(text: Text, width: int) -> Text:
    """The same line, cut at its end if it is too long."""
    text.truncate(max(1, width), overflow="ellipsis")
    return text


def wrapped(text: str, width: int, most: int, indent: int = 0) -> list[Text]:
    """Text from outside in at most so many lines; the last one is cut if there were more."""
    room = max(1, width - indent)
    words = Text(printable(" ".join(text.split())))
    found = list(words.wrap(Console(width=room), room, overflow="fold"))
    for one in found:
        one.rstrip()
    if len(found) > most:
        found = found[:most]
        found[-1] = fitted(Text(f"{found[-1].plain} …"), room)
        if not found[-1].plain.endswith("…"):
            found[-1] = Text("…")
    return [Text(" " * indent) + one for one in found]


def cell(text: str, width: int, right: bool = False) -> str:
    """A cell of a table, exactly so many columns wide."""
    short = shortened(printable(text), width)
    return " " * (width - cell_len(short)) + short if right else set_cell_size(short, width)
