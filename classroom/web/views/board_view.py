"""The data of the board's page for one visitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from classroom import clock
from classroom.board.entries import left_today
from classroom.board.rules.metrics import LOWER_IS_BETTER
from classroom.board.standings import Row
from classroom.people import roster
from classroom.people.teams import team_of
from classroom.storage.tables import Competition, Person
from classroom.web.documents import MySubmissions
from classroom.web.documents import mine as own_submissions
from classroom.web.site import when
from classroom.web.views.chart import Chart, chart
from classroom.web.views.snapshots import Snapshot


@dataclass(frozen=True)
class Own:
    """The student's own team; ``team_id`` is None before its first file."""

    team_id: int | None
    handle: str | None
    real_name: str
    shows_name: bool
    row: Row | None  # on the public board
    final_row: Row | None  # on the private board, once it appears
    left_today: int
    members: int


@dataclass(frozen=True)
class View:
    """A competition for one visitor."""

    competition: Competition
    snapshot: Snapshot
    rows: list[Row]
    private: bool  # whether ``rows`` are the private standings
    own: Own | None
    chart: Chart | None
    now: datetime

    @property
    def lower(self) -> bool:
        """Return whether a lower score is better."""
        return LOWER_IS_BETTER[self.competition.metric]

    @property
    def zone(self) -> str:
        """Return the time zone of shown times."""
        return self.competition.time_zone

    @property
    def phase(self) -> str:
        """Return ahead, open, closed or final."""
        return phase_of(self.competition, self.now)

    @property
    def takes_entries(self) -> bool:
        """Return whether the student may hand in a file now, apart from the quota."""
        return self.own is not None and self.phase == "open"

    @property
    def lines(self) -> list[Markup]:
        """Return the rows of the board as HTML, with the own row marked."""
        shown = self.snapshot.private_lines if self.private else self.snapshot.public_lines
        return shown.seen_by(self.own.team_id if self.own else None) if shown else []


def phase_of(competition: Competition, at: datetime) -> str:
    """Return ahead, open, closed or final."""
    if competition.finalized_at is not None:
        return "final"
    if clock.has_closed(at, competition.closes_at):
        return "closed"
    return "open" if clock.has_opened(at, competition.opens_at) else "ahead"


def phase_words(competition: Competition, at: datetime) -> str:
    """Return the phase of a competition in words."""
    zone = competition.time_zone
    phase = phase_of(competition, at)
    if phase == "final":
        return "Finished"
    if phase == "closed":
        return "Closed, final standings follow"
    if phase == "ahead":
        return f"Opens {when(competition.opens_at or at, zone)}"
    return f"Open until {when(competition.closes_at, zone)}" if competition.closes_at else "Open"


def look(
    session: Session,
    snapshot: Snapshot,
    person: Person | None,
    competition: Competition,
    at: datetime,
    public: bool = False,
) -> View:
    """Return a competition for one visitor, with private standings after the end.

    public: show the public board also after the end.
    """
    own = None
    if person is not None and person.is_student:
        own = _own(session, competition, snapshot, person, at)
    private = snapshot.private is not None and not public
    rows = snapshot.private if snapshot.private is not None and private else snapshot.public
    drawn = chart(session, competition, snapshot.public, own.team_id if own else None, at)
    return View(competition, snapshot, rows, private, own, drawn, at)


def _own(
    session: Session, competition: Competition, snapshot: Snapshot, person: Person, at: datetime
) -> Own:
    team = team_of(session, competition, person)
    team_id = team.id if team else None
    final = [row for row in snapshot.private or [] if row.team_id == team_id]
    return Own(
        team_id=team_id,
        handle=(team.public_name) if team else None,
        real_name=person.team or person.name,
        shows_name=team is not None and team.shown_name is not None,
        row=snapshot.row_of(team_id) if team_id else None,
        final_row=final[0] if final else None,
        left_today=left_today(session, competition, team, at),
        members=roster.team_members(session, person),
    )


def handed_in(
    session: Session, competition: Competition, person: Person | None, at: datetime
) -> MySubmissions | None:
    """Return the files of the student's team; None for anyone but students."""
    if person is None or not person.is_student:
        return None
    return own_submissions(session, competition, person, at)
