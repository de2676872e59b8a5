"""The chart of scores over time: points of an SVG, and sentences for screen readers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom.board.scoring import shown_score
from classroom.board.standings import Row
from classroom.storage.tables import SCORED, Competition, Submission
from classroom.web.site import short_score, when

WIDE, HIGH = 1000, 300
BEST = 5  # teams that are drawn besides the own team
Course = list[tuple[datetime, float]]


@dataclass(frozen=True)
class Line:
    """The score of one team: ``kind`` is mine, best or baseline."""

    kind: str
    handle: str
    score: float
    points: str  # of a polyline
    said: str


@dataclass(frozen=True)
class Chart:
    """Lines in a box of WIDE by HIGH, with labels on the left and below."""

    lines: list[Line]
    scores: list[str]  # from the top down, evenly spread
    times: list[str]  # from the left to the right, evenly spread
    summary: str


def courses(session: Session, competition: Competition, team_ids: set[int]) -> dict[int, Course]:
    """Return the scores that the board showed for some teams, with their times."""
    found = session.execute(
        select(Submission.team_id, Submission.received_at, Submission.standing)
        .where(
            Submission.team_id.in_(team_ids),
            Submission.status == SCORED,
            Submission.improved.is_(True),
            Submission.disqualified_at.is_(None),
        )
        .order_by(Submission.id)
    )
    drawn: dict[int, Course] = {}
    for team_id, at, standing in found:
        drawn.setdefault(team_id, []).append((at, shown_score(competition, standing or 0)))
    return drawn


def chart(
    session: Session, competition: Competition, rows: list[Row], own: int | None, now: datetime
) -> Chart | None:
    """Return the chart of the best teams, the own team and baselines; None without scores."""
    best = [row for row in rows if not row.baseline][:BEST]
    mine = [row for row in rows if row.team_id == own]
    baselines = [row for row in rows if row.baseline]
    shown = best + [row for row in mine if row not in best]
    drawn = courses(session, competition, {row.team_id for row in shown})
    shown = [row for row in shown if row.team_id in drawn]
    if not shown:
        return None
    start = min(drawn[row.team_id][0][0] for row in shown)
    end = max([now, *(drawn[row.team_id][-1][0] for row in shown)])
    if competition.finalized_at is not None:
        end = max(competition.closes_at or competition.finalized_at, start)
    span = max(end - start, timedelta(hours=1))
    values = [value for row in shown for _, value in drawn[row.team_id]]
    values += [row.score for row in baselines]
    scores = round_scale(min(values), max(values))
    low, high = float(scores[-1]), float(scores[0])

    def place(at: datetime, value: float) -> tuple[float, float]:
        x = min(1.0, max(0.0, (at - start) / span)) * WIDE
        return round(x, 1), round((high - value) / (high - low) * HIGH, 1)

    lines = []
    for row in baselines:
        y = place(start, row.score)[1]
        said = f"The baseline {row.handle} is at {short_score(row.score)}."
        lines.append(Line("baseline", row.handle, row.score, f"0,{y} {WIDE},{y}", said))
    for row in reversed(shown):  # the own team and the best are drawn last, on top
        course = drawn[row.team_id]
        kind = "mine" if row.team_id == own else "best"
        said = _said("You" if kind == "mine" else row.handle, course, competition.time_zone)
        lines.append(Line(kind, row.handle, row.score, _steps(course, place), said))
    lines.sort(key=lambda line: ("baseline", "best", "mine").index(line.kind))
    part = -1 if span < timedelta(days=2) else 0  # hours, or days
    marks = [when(start + span * step / 3, competition.time_zone) for step in range(4)]
    times = [mark.rsplit(" ", 1)[part] for mark in marks]
    return Chart(lines, scores, times, " ".join(line.said for line in reversed(lines)))


def _steps(course: Course, place: object) -> str:
    assert callable(place)
    points: list[tuple[float, float]] = []
    for at, value in course:
        x, y = place(at, value)
        if points:
            points.append((x, points[-1][1]))
        points.append((x, y))
    points.append((float(WIDE), points[-1][1]))
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def round_scale(low: float, high: float) -> list[str]:
    """Return evenly spread round numbers, from above the highest score to below the lowest.

    The list has three to six numbers: multiples of 1, 2 or 5 with as few digits as possible.
    """
    room = max((high - low) * 0.04, 0.005)
    low, high = max(0.0, low - room), min(1.0, high + room)
    for digits, step in ((d, m * 10**-d) for d in (4, 3, 2, 1) for m in (1, 2, 5)):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= 5:
            return [f"{at * step:.{digits}f}" for at in range(last, first - 1, -1)]
    raise ValueError("a score is not between 0 and 1")


def _said(who: str, course: Course, zone: str) -> str:
    (first, begin), (last, end) = course[0], course[-1]
    if len(course) == 1:
        return f"{who}: {short_score(begin)} since {when(first, zone)}."
    return (
        f"{who}: from {short_score(begin)} on {when(first, zone)} "
        f"to {short_score(end)} on {when(last, zone)}."
    )
