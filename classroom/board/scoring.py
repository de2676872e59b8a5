"""What a submission is worth: its hits, what is shown of them, and where that puts its team."""

from __future__ import annotations

import zlib

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from classroom.board import ladder
from classroom.board.competitions import AnswerKey
from classroom.board.ladder import loss_of
from classroom.board.metrics import pack, score_of, unpack
from classroom.board.predictions import Guesses
from classroom.storage.tables import Competition, Submission, Team

SCORED = "scored"


def score(
    session: Session,
    competition: Competition,
    key: AnswerKey,
    team: Team,
    submission: Submission,
    hits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> None:
    """Give a submission its hits and what is shown of them, and move its team."""
    best_hits = None
    if team.best_id is not None:
        best = session.scalars(
            select(Submission)
            .where(Submission.id == team.best_id)
            .options(undefer(Submission.hits))
        ).one()
        best_hits = unpack(best.hits or b"", competition.pictures)[key.public]
    verdict = ladder.judge(competition.public_score, hits[key.public], best_hits, team.standing)
    submission.hits = pack(hits)
    submission.standing, submission.improved = verdict.standing, verdict.improved
    session.flush()  # gives it a number
    team.entries += 1
    if verdict.improved:
        team.standing = verdict.standing
        team.best_id, team.best_at = submission.id, submission.received_at


def rank_of(session: Session, team: Team) -> int | None:
    """Return a team's rank by what is shown publicly; baselines have and take no rank."""
    if team.standing is None or team.best_id is None or team.baseline:
        return None
    ahead = session.scalar(
        select(func.count())
        .select_from(Team)
        .where(
            Team.competition_id == team.competition_id,
            Team.baseline.is_(False),
            (Team.standing < team.standing)
            | ((Team.standing == team.standing) & (Team.best_id < team.best_id)),
        )
    )
    return int(ahead or 0) + 1


def shown_score(competition: Competition, standing: int) -> float:
    """Return the score that a standing stands for."""
    loss = loss_of(competition.public_score, standing, competition.public_pictures)
    return score_of(competition.metric, loss)


def own_score(competition: Competition, submission: Submission) -> float | None:
    """Return the public score that a file's team may read of this very file, None if there is none.

    By the Ladder, what is shown after a file that was not better is the score of another one.
    """
    if submission.standing is None:
        return None
    if competition.public_score == "ladder" and not submission.improved:
        return None
    return shown_score(competition, submission.standing)


def pack_guesses(guesses: Guesses) -> bytes:
    """Return guesses in the form in which they are kept: little endian int16, compressed."""
    return zlib.compress(guesses.astype("<i2").tobytes(), 1)
