"""Competitions: created from a file, found, finalized."""

from __future__ import annotations

import re
import secrets
import zlib
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom.board.rules.competition_file import SLUG, CompetitionFile
from classroom.board.rules.metrics import pack
from classroom.board.rules.points import PointsRule
from classroom.board.rules.split import public_pictures
from classroom.errors import NotAllowed, NotFound
from classroom.storage import audit
from classroom.storage.tables import Competition


def create(session: Session, at: datetime, file: CompetitionFile) -> Competition:
    """Add the competition that a file describes and return it. Raises NotAllowed if it exists.

    The database stores labels and split; the files are not read again.
    """
    if session.scalar(select(Competition.id).where(Competition.slug == file.slug)) is not None:
        raise NotAllowed(f"there is a competition {file.slug} already")
    secret = secrets.token_hex(32)
    public = public_pictures(file.labels.classes, file.public_fraction, secret)
    competition = Competition(
        slug=file.slug,
        title=file.title,
        metric=file.metric,
        public_score=file.public_score,
        public_fraction=file.public_fraction,
        daily_limit=file.daily_limit,
        team_size=file.team_size,
        time_zone=file.time_zone,
        opens_at=file.opens_at,
        closes_at=file.closes_at,
        finalized_at=None,
        created_at=at,
        classes=file.classes,
        guesses=file.guesses,
        pictures=len(file.labels.names),
        public_pictures=int(public.sum()),
        points=asdict(file.points),
        secret=secret,
        names=zlib.compress("\n".join(file.labels.names).encode()),
        labels=file.labels.classes.astype("<i2").tobytes(),
        public=pack(public),
    )
    session.add(competition)
    session.flush()
    audit.record(session, at, audit.OPERATOR, "competition created", file.slug)
    return competition


def find(session: Session, slug: str) -> Competition:
    """Return the competition with this slug. Raises NotFound."""
    known = re.fullmatch(SLUG, slug)  # PostgreSQL refuses some texts
    competition = (
        session.scalar(select(Competition).where(Competition.slug == slug)) if known else None
    )
    if competition is None:
        raise NotFound(f"there is no competition {slug!r}", "competition")
    return competition


def listed(session: Session) -> list[Competition]:
    """Return every competition: those still going on first, and of those the newest first."""
    rows = session.scalars(select(Competition).order_by(Competition.id.desc())).all()
    return sorted(rows, key=lambda row: row.finalized_at is not None)


def points_rule(competition: Competition) -> PointsRule:
    """Return the points rule of a competition."""
    corners = competition.points["corners"]
    return PointsRule(competition.points["kind"], tuple((float(at), float(p)) for at, p in corners))


def finalize(session: Session, at: datetime, slug: str, actor: str = audit.OPERATOR) -> Competition:
    """End a competition and return it: it accepts no entry, and private standings appear.

    Raises NotFound, and NotAllowed if it has ended before.
    """
    competition = session.scalar(
        select(Competition).where(Competition.slug == slug).with_for_update()
    )
    if competition is None:
        raise NotFound(f"there is no competition {slug!r}", "competition")
    if competition.finalized_at is not None:
        raise NotAllowed(f"{slug} was finalized on {competition.finalized_at:%Y-%m-%d %H:%M} UTC")
    competition.finalized_at = at
    audit.record(session, at, actor, "finalized", slug)
    return competition
