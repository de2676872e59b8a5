"""The rows of submissions: the one way to make them, for students and for baselines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from classroom import clock
from classroom.board import scoring
from classroom.board.answer_keys import AnswerKey
from classroom.board.rules.ladder import Hits
from classroom.board.rules.metrics import pack, unpack
from classroom.board.scoring import Score
from classroom.errors import Problem
from classroom.storage.tables import INVALID, SCORED, Competition, Submission, Team, Upload

MOST_PROBLEMS = 20  # of a refused file that are stored


@dataclass(frozen=True)
class SentFile:
    """A file of predictions as it arrived."""

    name: str
    size: int  # bytes
    sha256: str  # in hexadecimal
    received_at: datetime
    person_id: int | None  # None for a baseline

    @classmethod
    def of(cls, name: str, data: bytes, received_at: datetime, person_id: int | None) -> Self:
        """Return the file with its digest, which is computed before the database is locked."""
        return cls(name, len(data), hashlib.sha256(data).hexdigest(), received_at, person_id)


def add_scored(
    session: Session,
    competition: Competition,
    key: AnswerKey,
    team: Team,
    file: SentFile,
    scored: Score,
) -> Submission:
    """Add the row of a scored file, move its team, and return the row.

    The caller holds the lock of the team.
    """
    submission = _row(competition, team, file)
    submission.hits = pack(scored.hits)
    best_hits = _best_hits(session, competition, key, team)
    hits = scored.hits[key.public]
    scoring.judge(competition.public_score, team, submission, hits, best_hits)
    session.add(submission)
    session.flush()  # gives it a number
    scoring.advance(team, submission)
    session.add(Upload(submission_id=submission.id, guesses=scored.guesses))
    return submission


def add_refused(
    session: Session,
    competition: Competition,
    team: Team,
    file: SentFile,
    problems: list[Problem],
    kept: int,
) -> None:
    """Record a refused file and its problems; keep the last ``kept`` refused files of a team."""
    submission = _row(competition, team, file)
    submission.status = INVALID
    submission.problems = [
        {"detail": one.detail, "line": one.line} for one in problems[:MOST_PROBLEMS]
    ]
    session.add(submission)
    session.flush()
    old = (
        select(Submission.id)
        .where(Submission.team_id == team.id, Submission.status == INVALID)
        .order_by(Submission.id.desc())
        .offset(kept)
    )
    session.execute(delete(Submission).where(Submission.id.in_(session.scalars(old).all())))


def of_team(session: Session, team: Team) -> list[Submission]:
    """Return all files that a team has sent, the latest first."""
    rows = select(Submission).where(Submission.team_id == team.id).order_by(Submission.id.desc())
    return list(session.scalars(rows))


def same_file(session: Session, team: Team, file: SentFile) -> Submission | None:
    """Return the scored submission of a team with the same bytes, if there is one."""
    return session.scalar(
        select(Submission).where(
            Submission.team_id == team.id,
            Submission.sha256 == file.sha256,
            Submission.status == SCORED,
        )
    )


def left_today(session: Session, competition: Competition, team: Team | None, at: datetime) -> int:
    """Return how many submissions of the quota a team has left on the day of ``at``.

    team: None before the first submission.
    """
    used = used_today(session, competition, team, at) if team else 0
    return max(0, competition.daily_limit - used)


def used_today(session: Session, competition: Competition, team: Team, at: datetime) -> int:
    """Return how many submissions of the quota a team has used on the day of ``at``."""
    day = clock.day_of(at, competition.time_zone).isoformat()
    count = session.scalar(
        select(func.count())
        .select_from(Submission)
        .where(Submission.team_id == team.id, Submission.day == day, Submission.status == SCORED)
    )
    return int(count or 0)


def _row(competition: Competition, team: Team, file: SentFile) -> Submission:
    """Return the row of a file that is not yet scored."""
    return Submission(
        competition_id=competition.id,
        team_id=team.id,
        person_id=file.person_id,
        received_at=file.received_at,
        day=clock.day_of(file.received_at, competition.time_zone).isoformat(),
        file_name=printable(file.name),
        size=file.size,
        sha256=file.sha256,
        status=SCORED,
        problems=None,
        standing=None,
        improved=False,
        final=False,
        disqualified_at=None,
        why=None,
        hits=None,
    )


def printable(text: str) -> str:
    """Return a file's name in a form that is safe to store and show."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200]


def _best_hits(
    session: Session, competition: Competition, key: AnswerKey, team: Team
) -> Hits | None:
    """Return the public hits of a team's best submission, None if it has none."""
    if team.best_id is None:
        return None
    best = session.scalars(
        select(Submission).where(Submission.id == team.best_id).options(undefer(Submission.hits))
    ).one()
    return unpack(best.hits or b"", competition.pictures)[key.public]
