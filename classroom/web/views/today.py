"""Today's changes on a board: teams that improved, with their ranks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom import clock
from classroom.board.scoring import shown_score
from classroom.board.standings import Row
from classroom.storage.tables import SCORED, Competition, Submission, Team


@dataclass(frozen=True)
class Move:
    """A team that improved today; a new team has no rank and no score before."""

    team_id: int
    handle: str
    rank: int
    rank_before: int | None
    score: float
    score_before: float | None
    at: datetime


@dataclass(frozen=True)
class Today:
    """The number of today's entries, and the teams that improved, latest first."""

    entries: int
    moves: list[Move]


def today(session: Session, competition: Competition, rows: list[Row], at: datetime) -> Today:
    """Return the changes on the board ``rows`` since midnight in the competition's zone."""
    day = clock.day_of(at, competition.time_zone).isoformat()
    counts = (
        Submission.competition_id == competition.id,
        Submission.status == SCORED,
        Submission.disqualified_at.is_(None),
    )
    handed_in = session.execute(
        select(Submission.team_id, Submission.improved).where(*counts, Submission.day == day)
    ).all()
    moved = {team_id for team_id, improved in handed_in if improved}
    moved &= {row.team_id for row in rows if not row.baseline}
    # Every improvement has a smaller standing than the one before, so the last is the minimum.
    earlier = session.execute(
        select(Submission.team_id, func.min(Submission.standing), func.max(Submission.id))
        .where(*counts, Submission.day < day, Submission.improved.is_(True))
        .group_by(Submission.team_id)
    )
    before = {
        team_id: (standing or 0, number or 0)
        for team_id, standing, number in earlier
        if team_id in moved
    }
    ranks = _ranks(session, competition, moved, before)
    moves = [
        Move(
            row.team_id,
            row.handle,
            row.rank or 0,
            ranks.get(row.team_id),
            row.score,
            shown_score(competition, before[row.team_id][0]) if row.team_id in before else None,
            row.submitted_at,
        )
        for row in rows
        if row.team_id in moved
    ]
    return Today(len(handed_in), sorted(moves, key=lambda move: move.at, reverse=True))


def _ranks(
    session: Session, competition: Competition, moved: set[int], before: dict[int, tuple[int, int]]
) -> dict[int, int]:
    """Return the ranks at the start of the day."""
    if not before:
        return {}
    others = session.execute(
        select(Team.id, Team.standing, Team.best_id).where(
            Team.competition_id == competition.id,
            Team.baseline.is_(False),
            Team.standing.is_not(None),
        )
    )
    stood = {team_id: (standing or 0, best or 0) for team_id, standing, best in others}
    stood = {team_id: place for team_id, place in stood.items() if team_id not in moved} | before
    order = sorted(stood, key=stood.__getitem__)
    return {team_id: rank for rank, team_id in enumerate(order, 1)}
