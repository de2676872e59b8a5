"""Entries of the instructor to compare with: named as such, outside of ranks and quotas."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from classroom import clock
from classroom.board.competitions import AnswerKeys
from classroom.board.metrics import hits_of
from classroom.board.predictions import read_predictions
from classroom.board.scoring import SCORED, pack_guesses, score
from classroom.board.submissions import printable
from classroom.errors import BadFile, NotAllowed
from classroom.people.teams import add_baseline
from classroom.storage import audit
from classroom.storage.tables import Competition, Submission, Team, Upload


def add(
    session: Session,
    at: datetime,
    keys: AnswerKeys,
    competition: Competition,
    name: str,
    data: bytes,
    file_name: str,
) -> Team:
    """Return the baseline, scored. Raises BadFile, and NotAllowed when the name is taken."""
    if not name.strip() or not name.isprintable() or len(name) > 60:
        raise NotAllowed(f"the name {name!r} is not one line of 1 to 60 letters")
    key = keys.of(session, competition)
    reading = read_predictions(data, key.form)
    if reading.guesses is None:
        raise BadFile(file_name, reading.problems, reading.more)
    team = add_baseline(session, competition, name)
    submission = Submission(
        competition_id=competition.id,
        team_id=team.id,
        person_id=None,
        received_at=at,
        day=clock.day_of(at, competition.time_zone).isoformat(),
        file_name=printable(file_name),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        status=SCORED,
        problems=None,
        standing=None,
        improved=False,
        final=False,
        disqualified_at=None,
        why=None,
        hits=None,
    )
    session.add(submission)
    hits = hits_of(competition.metric, reading.guesses, key.labels)
    score(session, competition, key, team, submission, hits)
    session.flush()
    session.add(Upload(submission_id=submission.id, guesses=pack_guesses(reading.guesses)))
    audit.record(session, at, audit.OPERATOR, "baseline added", name, slug=competition.slug)
    return team
