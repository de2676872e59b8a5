"""Submissions: check, score and store a file and move its team, in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom import clock
from classroom.board import entries
from classroom.board.answer_keys import AnswerKey, AnswerKeys
from classroom.board.competitions import find
from classroom.board.entries import SentFile
from classroom.board.rules.predictions import Reading, read_predictions
from classroom.board.scoring import score, shown_score
from classroom.board.standings import rank_of
from classroom.errors import Closed, Forbidden, Invalid, Refused, TooMany
from classroom.people import roster
from classroom.people.teams import ensure_team, team_of
from classroom.storage.database import Database
from classroom.storage.tables import SCORED, Competition, Person, Submission, Team

DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Entrant:
    """A student who may submit now, and the competition."""

    person: Person
    competition: Competition
    key: AnswerKey
    received_at: datetime


@dataclass(frozen=True)
class Receipt:
    """The answer to an accepted submission, or to a file that was accepted before."""

    id: int
    status: str
    public_score: float
    best_public_score: float
    improved: bool
    better: bool  # also for a file that was accepted before
    rank: int | None
    submissions_left_today: int


def admit(db: Database, keys: AnswerKeys, person: Person, slug: str, at: datetime) -> Entrant:
    """Return the entrant, before the file is read. Raises NotFound, Forbidden and Closed."""
    with db.read() as session:
        competition = find(session, slug)
        if not person.is_student:
            raise Forbidden("Only students submit; baselines are added at the command line.")
        if not clock.has_opened(at, competition.opens_at):
            raise Forbidden(f"The competition opens at {competition.opens_at:%Y-%m-%d %H:%M} UTC.")
        if competition.finalized_at is not None:
            raise Closed("The competition is finalized; it takes no submissions any more.")
        if clock.has_closed(at, competition.closes_at):
            raise Closed(
                f"The competition closed at {competition.closes_at:%Y-%m-%d %H:%M:%S} UTC."
            )
        members = roster.team_members(session, person)
        if members > competition.team_size:
            raise Forbidden(
                f"Your team has {members} members; this competition allows {competition.team_size}."
            )
        return Entrant(person, competition, keys.of(session, competition), at)


def submit(
    db: Database, entrant: Entrant, data: bytes, file_name: str, invalid_kept: int = 50
) -> Receipt:
    """Return the receipt of a file; when this returns, the submission is on the disk.

    Raises Invalid with the problems of the file, which is recorded in the student's list and does
    not count towards the quota. Raises TooMany if today's quota is used up, and Closed if the
    competition was finalized in the meantime.
    """
    competition, key = entrant.competition, entrant.key
    file = SentFile.of(file_name, data, entrant.received_at, entrant.person.id)
    reading = read_predictions(data, key.form)
    if reading.guesses is None:
        with _team(db, entrant) as (session, team):
            entries.add_refused(session, competition, team, file, reading.problems, invalid_kept)
        raise refusal(reading)
    scored = score(competition.metric, key.labels, reading.guesses)  # before the database is locked
    with _team(db, entrant) as (session, team):
        used = entries.used_today(session, competition, team, file.received_at)
        earlier = entries.same_file(session, team, file)
        if earlier is not None:
            return _receipt(session, entrant, team, earlier, DUPLICATE, used)
        _check_quota(entrant, used)
        submission = entries.add_scored(session, competition, key, team, file, scored)
        return _receipt(session, entrant, team, submission, SCORED, used + 1)


def refusal(reading: Reading) -> Refused:
    """Return the error for a file with problems."""
    listed, count = len(reading.problems), len(reading.problems) + reading.more
    said = "one problem" if count == 1 else f"{count:d} problems"
    if reading.stopped:
        said = f"more than {said}"
    rest = f"; the first {listed} are listed" if reading.more or reading.stopped else ""
    return Invalid(
        f"The file has {said}{rest}. It does not count as a submission.", problems=reading.problems
    )


@contextlib.contextmanager
def _team(db: Database, entrant: Entrant) -> Iterator[tuple[Session, Team]]:
    """Yield a session that writes, and the entrant's team, locked.

    A new team is added first. On PostgreSQL this is a transaction of its own: adding a team locks
    the whole competition, and that lock must come before the team's lock. Raises Closed.
    """
    with db.write() as session:
        team = _lock(session, entrant)
        if team is None and db.is_sqlite:  # a writing session of SQLite locks everything
            team = ensure_team(session, entrant.competition, entrant.person, entrant.key.secret)
        if team is not None:
            yield session, team
            return
    with db.write() as session:
        ensure_team(session, entrant.competition, entrant.person, entrant.key.secret)
    with db.write() as session:
        team = _lock(session, entrant)
        assert team is not None
        yield session, team


def _lock(session: Session, entrant: Entrant) -> Team | None:
    """Lock the competition, then the entrant's team, and return the team if it exists."""
    finalized_at = session.scalar(
        select(Competition.finalized_at)
        .where(Competition.id == entrant.competition.id)
        .with_for_update(read=True)
    )
    if finalized_at is not None:
        raise Closed("The competition is finalized; it takes no submissions any more.")
    return team_of(session, entrant.competition, entrant.person, lock=True)


def _check_quota(entrant: Entrant, used: int) -> None:
    competition, at = entrant.competition, entrant.received_at
    if used >= competition.daily_limit:
        tomorrow = clock.next_day_at(at, competition.time_zone)
        raise TooMany(
            f"All {competition.daily_limit} submissions of today are used. "
            f"The next day begins at midnight, {competition.time_zone}.",
            retry_after_s=clock.seconds_until(tomorrow, at),
        )


def _receipt(
    session: Session,
    entrant: Entrant,
    team: Team,
    submission: Submission,
    status: str,
    used: int,
) -> Receipt:
    session.flush()
    competition = entrant.competition
    shown = submission.standing if submission.standing is not None else team.standing
    best = team.standing if team.standing is not None else shown
    return Receipt(
        id=submission.id,
        status=status,
        public_score=shown_score(competition, shown or 0),
        best_public_score=shown_score(competition, best or 0),
        improved=submission.improved and status == SCORED,
        better=submission.improved,
        rank=rank_of(session, team),
        submissions_left_today=max(0, competition.daily_limit - used),
    )
