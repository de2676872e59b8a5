"""The name of a team on the board: its handle, or its real name by choice."""

from __future__ import annotations

from datetime import datetime

from classroom.board.answer_keys import AnswerKeys
from classroom.board.competitions import find
from classroom.errors import Closed, Forbidden
from classroom.people.teams import ensure_team
from classroom.storage import audit
from classroom.storage.database import Database
from classroom.storage.tables import Person


def show_name(
    db: Database, keys: AnswerKeys, at: datetime, person: Person, slug: str, show: bool
) -> str:
    """Set and return the name of the person's team on the board.

    show: use the real name, which is the team's name in the roster, or the name of a student who
    works alone; otherwise the handle. Raises NotFound, Forbidden for everyone but students, and
    Closed after the end.
    """
    if not person.is_student:
        raise Forbidden("Only students are on the board.")
    with db.write() as session:
        competition = find(session, slug)
        secret = keys.of(session, competition).secret
        team = ensure_team(session, competition, person, secret)
        if competition.finalized_at is not None:
            raise Closed("The competition is finalized; names stay as they are.")
        team.shown_name = (person.team or person.name) if show else None
        action = "name shown" if show else "name hidden"
        audit.record(session, at, person.student, action, competition.slug)
        return team.public_name
