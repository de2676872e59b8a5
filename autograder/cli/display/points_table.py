"""The points of a class as a table: mean, median, range and a small histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text

from autograder.cli.display.lines import cell, fitted
from autograder.records.class_summary import ClassSummary, Points

_ROW = 78  # columns of a row
_HEAD = ("graded", "mean", "median", "range", "of")
_WIDTHS = (7, 8, 8, 12, 7)
_BARS = " ▁▂▃▄▅▆▇█"
_PLAIN_BARS = " .:-=+*%@"


def points_table(found: ClassSummary, room: int, width: int, plain: bool) -> list[Text]:
    """A row for each notebook and one for all, in so many lines; [] if they are too few.

    ``plain``: the terminal shows no block characters.
    """
    several = len(found.points) > 1
    if room < 2:
        return []
    shown = found.points if len(found.points) + several < room else found.points[: room - 2]
    hidden = len(shown) < len(found.points)
    total = f"all {len(found.points):,} ({len(shown)} shown)" if hidden else "total"
    rows = [*shown, *([replace(found.total, name=total)] if several else [])]
    label = "points so far" if found.waiting else "points"
    numbers = [cell(text, size, right=True) for text, size in zip(_HEAD, _WIDTHS, strict=True)]
    head = Text(_columns(label, numbers, "0%    100%", width), "bold")
    return [fitted(head, width), *(_row(one, width, plain) for one in rows)]


def _row(one: Points, width: int, plain: bool) -> Text:
    if not one.values:
        numbers = ["0", "", "", "", f"{one.max_points:g}"]
        bars = ""
    else:
        low, high = one.values[0], one.values[-1]
        numbers = [
            f"{len(one.values):,}", f"{one.mean:.1f}", f"{one.median:.1f}",
            f"{low:.4g}" if low == high else f"{low:.4g}-{high:.4g}", f"{one.max_points:g}",
        ]  # fmt: skip
        bars = _bars(one.histogram, plain)
    cells = [cell(text, size, right=True) for text, size in zip(numbers, _WIDTHS, strict=True)]
    return fitted(Text(_columns(one.name, cells, bars, width)), width)


def _columns(name: str, numbers: list[str], bars: str, width: int) -> str:
    """A row of the table of points; a narrow terminal shows fewer columns, the last first."""
    last = f"  {bars}"
    while numbers and width - sum(map(len, numbers)) - (12 if last else 0) < 16:
        if last:
            last = ""
        else:
            numbers = [numbers[0], *numbers[2:]] if len(numbers) > 3 else numbers[:-1]
    room = min(width, _ROW) - sum(map(len, numbers)) - (12 if last else 0)
    return f"{cell(name, room)}{''.join(numbers)}{last}".rstrip()


def _bars(counts: Sequence[int], plain: bool) -> str:
    """A histogram in one line; the smallest count above zero shows."""
    marks, most = _PLAIN_BARS if plain else _BARS, max(counts) or 1
    return "".join(marks[-(-count * (len(marks) - 1) // most)] for count in counts)
