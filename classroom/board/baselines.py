"""Baselines: entries of the instructor to compare with, without rank and quota."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from classroom.board import entries
from classroom.board.answer_keys import AnswerKeys
from classroom.board.entries import SentFile
from classroom.board.rules.predictions import read_predictions
from classroom.board.scoring import score
from classroom.errors import BadFile, NotAllowed
from classroom.people.teams import add_baseline
from classroom.storage import audit
from classroom.storage.tables import Competition, Team


def add(
    session: Session,
    at: datetime,
    keys: AnswerKeys,
    competition: Competition,
    name: str,
    data: bytes,
    file_name: str,
) -> Team:
    """Add a scored baseline and return it. Raises BadFile, and NotAllowed for a taken name."""
    if not name.strip() or not name.isprintable() or len(name) > 60:
        raise NotAllowed(f"the name {name!r} is not one line of 1 to 60 letters")
    key = keys.of(session, competition)
    reading = read_predictions(data, key.form)
    if reading.guesses is None:
        raise BadFile(file_name, reading.problems, reading.more)
    team = add_baseline(session, competition, name)
    file = SentFile.of(file_name, data, at, person_id=None)
    scored = score(competition.metric, key.labels, reading.guesses)
    entries.add_scored(session, competition, key, team, file, scored)
    audit.record(session, at, audit.OPERATOR, "baseline added", name, slug=competition.slug)
    return team
