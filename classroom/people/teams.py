"""Teams: the competitors of a competition, each with a handle."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom.errors import NotAllowed
from classroom.people.handles import handle_for
from classroom.storage.tables import Competition, Person, Team


def team_of(
    session: Session, competition: Competition, person: Person, *, lock: bool = False
) -> Team | None:
    """Return the person's team in a competition, None if it has no handle there yet.

    lock: lock the team's row until the transaction ends.
    """
    found = select(Team).where(Team.competition_id == competition.id, Team.key == person.team_key)
    return session.scalar(found.with_for_update() if lock else found)


def ensure_team(session: Session, competition: Competition, person: Person, secret: str) -> Team:
    """Return the person's team in a competition; add the team if it is new.

    secret: the competition's, for the handle. Needs a session that writes.
    """
    _lock(session, competition)
    team = team_of(session, competition, person)  # a team mate may have added it
    if team is None:
        handle = handle_for(person.team_key, secret, _Taken(session, competition))
        team = _new(competition, person.team_key, handle, baseline=False)
        session.add(team)
        session.flush()
    return team


def add_baseline(session: Session, competition: Competition, name: str) -> Team:
    """Add a baseline as a team and return it. Raises NotAllowed for a taken name."""
    _lock(session, competition)
    if name in _Taken(session, competition):
        raise NotAllowed(f"the name {name!r} is taken in {competition.slug}")
    team = _new(competition, f"baseline {name}", name, baseline=True)
    session.add(team)
    session.flush()
    return team


class _Taken:
    """The handles of a competition, looked up one by one: there may be a thousand."""

    def __init__(self, session: Session, competition: Competition) -> None:
        self._session, self._competition = session, competition

    def __contains__(self, handle: object) -> bool:
        found = self._session.scalar(
            select(Team.id).where(
                Team.competition_id == self._competition.id, Team.handle == handle
            )
        )
        return found is not None


def _lock(session: Session, competition: Competition) -> None:
    """Let only one transaction at a time add teams to a competition."""
    session.execute(
        select(Competition.id).where(Competition.id == competition.id).with_for_update()
    )


def _new(competition: Competition, key: str, handle: str, *, baseline: bool) -> Team:
    return Team(
        competition_id=competition.id,
        key=key,
        handle=handle,
        shown_name=None,
        baseline=baseline,
        entries=0,
        standing=None,
        best_id=None,
        best_at=None,
    )
