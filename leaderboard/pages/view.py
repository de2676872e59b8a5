"""What the board's page shows to one visitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard import clock, people
from leaderboard.competitions import find
from leaderboard.documents import MySubmissions
from leaderboard.documents import mine as own_submissions
from leaderboard.errors import Absent, NotFound
from leaderboard.metrics import LOWER_IS_BETTER
from leaderboard.pages.chart import Chart, chart
from leaderboard.pages.site import when
from leaderboard.pages.snapshots import Snapshot, Snapshots
from leaderboard.pages.visitors import Visitor
from leaderboard.standings import Row
from leaderboard.submissions import used_today
from leaderboard.tables import Competition, Person
from leaderboard.teams import team_of


@dataclass(frozen=True)
class Own:
    """The team of the student who looks: ``team_id`` is None before it has handed in anything."""

    team_id: int | None
    handle: str | None
    real_name: str
    shows_name: bool
    row: Row | None  # on the public board
    final_row: Row | None  # on the private one, once it is there
    left_today: int
    members: int


@dataclass(frozen=True)
class View:
    """A competition as one visitor sees it."""

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
        """Return the time zone in which times are written."""
        return self.competition.time_zone

    @property
    def phase(self) -> str:
        """Return ahead, open, closed or final."""
        return phase_of(self.competition, self.now)

    @property
    def takes_entries(self) -> bool:
        """Return whether the student who looks may hand in a file now, the quota aside."""
        return self.own is not None and self.phase == "open"

    def scale(self) -> tuple[float, float]:
        """Return where the axis for the intervals begins, and how long it is.

        It fits the teams; a baseline far away from them is cut off.
        """
        rows = [row for row in self.rows if not row.baseline] or self.rows
        low = min((row.interval[0] for row in rows), default=0.0)
        high = max((row.interval[1] for row in rows), default=1.0)
        return low, max(high - low, 1e-9)


def found(session: Session, slug: str) -> Competition:
    """Return the competition with this slug. Raises Absent."""
    try:
        return find(session, slug)
    except NotFound:
        raise Absent("There is no such competition.") from None


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
    snapshots: Snapshots,
    who: Visitor,
    competition: Competition,
    at: datetime,
    public: bool = False,
) -> View:
    """Return a competition as a visitor sees it: the private standings once they are there.

    ``public`` asks for the public board also then.
    """
    snapshot = snapshots.of(session, competition, at)
    person = who.person
    own = None
    if person is not None and person.role == people.STUDENT:
        own = _own(session, competition, snapshot, person, at)
    private = snapshot.private is not None and not public
    rows = snapshot.private if snapshot.private is not None and private else snapshot.public
    drawn = chart(session, competition, snapshot.public, own.team_id if own else None, at)
    return View(competition, snapshot, rows, private, own, drawn, at)


def _own(
    session: Session, competition: Competition, snapshot: Snapshot, person: Person, at: datetime
) -> Own:
    team = team_of(session, competition, person)
    used = used_today(session, competition, team.id, at) if team else 0
    team_id = team.id if team else None
    final = [row for row in snapshot.private or [] if row.team_id == team_id]
    return Own(
        team_id=team_id,
        handle=(team.shown_name or team.handle) if team else None,
        real_name=person.team or person.name,
        shows_name=team is not None and team.shown_name is not None,
        row=snapshot.row_of(team_id) if team_id else None,
        final_row=final[0] if final else None,
        left_today=max(0, competition.daily_limit - used),
        members=people.team_members(session, person),
    )


def handed_in(
    session: Session, competition: Competition, who: Visitor, at: datetime
) -> MySubmissions | None:
    """Return what the team of the student who looks has handed in."""
    if who.person is None or who.person.role != people.STUDENT:
        return None
    return own_submissions(session, competition, who.person, at)


def all_competitions(session: Session) -> list[Competition]:
    """Return every competition, those still going on first, each kind the newest first."""
    rows = session.scalars(select(Competition).order_by(Competition.id.desc())).all()
    return sorted(rows, key=lambda row: row.finalized_at is not None)
