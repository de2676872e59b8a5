"""Tables as CSV: rows of text and numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

Row = Sequence[object]


def csv_text(rows: Iterable[Row]) -> str:
    """Rows as CSV, separated by commas; lines end in CR LF."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def number(value: float | None) -> str:
    """At most four decimals, without trailing zeros: 3, 2.5, 0.3333. Empty for None."""
    if value is None:
        return ""
    return f"{round(value, 4):g}" if abs(value) < 100_000 else f"{round(value, 4)}"


def yes(value: bool | None) -> str:
    """``yes``, ``no``, or ``unknown`` for None."""
    return "unknown" if value is None else "yes" if value else "no"


def stamp(time: datetime | None) -> str:
    """An aware time in UTC: ``2026-02-01T10:00:00Z``. Empty for None."""
    return "" if time is None else f"{time.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
