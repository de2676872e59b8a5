"""Snapshots of a board: rendered once for each state, not for each visitor."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom import clock
from classroom.board import standings
from classroom.board.standings import Row
from classroom.storage.tables import Audit, Competition, Submission, Team
from classroom.web.service import Service
from classroom.web.site import Site
from classroom.web.views.lines import Lines, write_lines
from classroom.web.views.today import Today, today


@dataclass(frozen=True)
class Snapshot:
    """A board in one state; ``private`` is None until the competition is finalized."""

    version: str
    public: list[Row]
    private: list[Row] | None
    public_lines: Lines
    private_lines: Lines | None
    today: Today
    teams: int

    def row_of(self, team_id: int | None) -> Row | None:
        """Return the row of a team on the public board."""
        return next((row for row in self.public if row.team_id == team_id), None)


def version(session: Session, competition: Competition, at: datetime) -> str:
    """Return a word that changes with every change of the shown board; it is fast."""
    last = session.scalar(
        select(func.max(Submission.id)).where(Submission.competition_id == competition.id)
    )
    entries = session.scalar(
        select(func.sum(Team.entries)).where(Team.competition_id == competition.id)
    )
    acts = session.scalar(
        select(Audit.id).where(Audit.action != "signed in").order_by(Audit.id.desc()).limit(1)
    )
    phase = (
        clock.has_opened(at, competition.opens_at),
        clock.has_closed(at, competition.closes_at),
        competition.finalized_at is not None,
    )
    state = (competition.id, last, entries, acts, clock.day_of(at, competition.time_zone), phase)
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


class Snapshots:
    """The latest snapshot of each competition."""

    def __init__(self, service: Service, site: Site) -> None:
        self._service, self._site = service, site
        self._latest: dict[int, Snapshot] = {}
        self._made: dict[int, float] = {}
        self._lock = threading.Lock()

    def of(self, session: Session, competition: Competition, at: datetime) -> Snapshot:
        """Return the current board of the session."""
        now = version(session, competition, at)
        kept = self._latest.get(competition.id)
        if kept is not None and kept.version == now:
            return kept
        with self._lock:  # a whole class may ask at once: one request renders, the others wait
            kept = self._latest.get(competition.id)
            if kept is None or kept.version != now:
                kept = self._make(session, competition, at, now, kept)
                self._latest[competition.id] = kept
                self._made[competition.id] = self._service.ticks()
            return kept

    def recent(self, competition_id: int) -> Snapshot | None:
        """Return the latest snapshot if it is recent enough for an open page.

        Otherwise each file of a class that hands in at once would render the board again.
        """
        age = self._service.ticks() - self._made.get(competition_id, float("-inf"))
        young = age < self._service.settings.board_age_s
        return self._latest.get(competition_id) if young else None

    def _make(
        self,
        session: Session,
        competition: Competition,
        at: datetime,
        now: str,
        before: Snapshot | None,
    ) -> Snapshot:
        rows = standings.board(session, competition)
        zone = competition.time_zone
        private, private_lines = None, None
        if competition.finalized_at is not None:
            key = self._service.keys.of(session, competition)
            private = standings.private_board(session, competition, key)
            private_lines = write_lines(self._site, private, zone, at)
        teams = sum(not row.baseline for row in rows)
        return Snapshot(
            version=now,
            public=rows,
            private=private,
            public_lines=write_lines(
                self._site, rows, zone, at, before.public_lines if before else None
            ),
            private_lines=private_lines,
            today=today(session, competition, rows, at),
            teams=teams,
        )
