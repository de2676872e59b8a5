"""The rows of a board as HTML, rendered once for all visitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from classroom.board.standings import Row
from classroom.web.site import Site

FRESH = timedelta(seconds=90)  # a newer score is highlighted


@dataclass(frozen=True)
class Lines:
    """The board's rows, with no team highlighted."""

    rows: list[Row]
    written: list[Markup]
    site: Site
    zone: str
    at: datetime
    kept: dict[Row, Markup]  # rendered rows that stay valid until their data changes

    def seen_by(self, team_id: int | None) -> list[Markup]:
        """Return the rows, with a team's row marked as its own."""
        for place, row in enumerate(self.rows):
            if row.team_id == team_id:
                own = _write(self.site, row, True, self.zone, self.at, _scale(self.rows))
                return [*self.written[:place], own, *self.written[place + 1 :]]
        return self.written


def write_lines(
    site: Site, rows: list[Row], zone: str, at: datetime, before: Lines | None = None
) -> Lines:
    """Return the rows of a board; unchanged rows are taken from ``before``."""
    scale = _scale(rows)
    kept = before.kept if before is not None and _scale(before.rows) == scale else {}
    written = [kept.get(row) or _write(site, row, False, zone, at, scale) for row in rows]
    settled = {
        row: line for row, line in zip(rows, written, strict=True) if at - row.submitted_at >= FRESH
    }
    return Lines(rows, written, site, zone, at, settled)


def _write(
    site: Site, row: Row, own: bool, zone: str, at: datetime, scale: tuple[float, float]
) -> Markup:
    fresh = not row.baseline and at - row.submitted_at < FRESH
    return site.part("row.html", "line", row, own, fresh, zone, *scale)


def _scale(rows: list[Row]) -> tuple[float, float]:
    """Return the start and the length of the axis for intervals.

    The axis fits the teams; a distant baseline is cut off.
    """
    fitted = [row for row in rows if not row.baseline] or rows
    low = min((row.interval[0] for row in fitted), default=0.0)
    high = max((row.interval[1] for row in fitted), default=1.0)
    return low, max(high - low, 1e-9)
