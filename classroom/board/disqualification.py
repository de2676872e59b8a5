"""Disqualification: a submission leaves the standings, and its team is computed again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from classroom.board.answer_keys import AnswerKeys
from classroom.board.rules.metrics import unpack
from classroom.board.scoring import advance, judge
from classroom.errors import NotAllowed, NotFound
from classroom.storage import audit
from classroom.storage.tables import SCORED, Competition, Submission, Team


def disqualify(
    session: Session,
    at: datetime,
    keys: AnswerKeys,
    number: int,
    why: str,
    actor: str = audit.OPERATOR,
) -> Submission:
    """Disqualify a submission and return it; its team stands as if it had never been sent.

    It still counts towards the quota of its day. Raises NotFound and NotAllowed.
    """
    if not why.strip():
        raise NotAllowed("a disqualification needs a reason: --why")
    submission = session.get(Submission, number)
    if submission is None or submission.status != SCORED:
        raise NotFound(f"there is no scored submission {number}", "submission")
    team = session.scalars(
        select(Team).where(Team.id == submission.team_id).with_for_update()
    ).one()
    session.refresh(submission)
    if submission.disqualified_at is not None:
        raise NotAllowed(f"submission {number} is disqualified already: {submission.why}")
    submission.disqualified_at, submission.why = at, why.strip()[:1000]
    submission.final = False
    session.flush()
    competition = session.get_one(Competition, submission.competition_id)
    replay(session, keys, competition, team)
    audit.record(
        session, at, actor, "disqualified", str(number), slug=competition.slug, why=submission.why
    )
    return submission


def replay(session: Session, keys: AnswerKeys, competition: Competition, team: Team) -> None:
    """Compute a team's public standing again, from its counting submissions in order."""
    key = keys.of(session, competition)
    team.entries, team.standing, team.best_id, team.best_at = 0, None, None, None
    best_hits = None
    counting = session.scalars(
        select(Submission)
        .where(
            Submission.team_id == team.id,
            Submission.status == SCORED,
            Submission.disqualified_at.is_(None),
        )
        .order_by(Submission.id)
        .options(undefer(Submission.hits))
    )
    for submission in counting:
        hits = unpack(submission.hits or b"", competition.pictures)[key.public]
        judge(competition.public_score, team, submission, hits, best_hits)
        advance(team, submission)
        if submission.improved:
            best_hits = hits
