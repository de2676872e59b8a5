"""The tables. Times are aware and in UTC. Tokens are stored only as hashes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite does not store the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base class of all tables."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


STUDENT, INSTRUCTOR = "student", "instructor"  # roles
SCORED, INVALID = "scored", "invalid"  # of a submission


class Person(Base):
    """A student or an instructor, with the hash of the one token that is valid."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(String(100), unique=True)  # the roster's id
    role: Mapped[str] = mapped_column(String(10))  # STUDENT or INSTRUCTOR
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    team: Mapped[str | None] = mapped_column(String(100), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]

    @property
    def team_key(self) -> str:
        """The key of the person's team: the team's name, or the student's id."""
        return f"team {self.team}" if self.team else f"student {self.student}"

    @property
    def is_student(self) -> bool:
        """Return whether this person takes part in competitions."""
        return self.role == STUDENT


class SignIn(Base):
    """The session of a browser: the hash of its cookie."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    cookie_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Competition(Base):
    """A competition with its labels and its split, fixed when it is created."""

    __tablename__ = "competition"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    metric: Mapped[str] = mapped_column(String(20))
    public_score: Mapped[str] = mapped_column(String(10))
    public_fraction: Mapped[float]
    daily_limit: Mapped[int]
    team_size: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(64))
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    finalized_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    classes: Mapped[int]
    guesses: Mapped[int]
    pictures: Mapped[int]
    public_pictures: Mapped[int]
    points: Mapped[dict[str, Any]]
    # Students must never see the columns below.
    secret: Mapped[str] = mapped_column(String(64), deferred=True)
    names: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # zlib, one a line
    labels: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # int16, little endian
    public: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # a bit a picture


class Team(Base):
    """A competitor and its standing: a team, a student alone, or a baseline."""

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("competition_id", "key"),
        UniqueConstraint("competition_id", "handle"),
        Index("ix_team_standing", "competition_id", "standing", "best_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"))
    key: Mapped[str] = mapped_column(String(120))
    handle: Mapped[str] = mapped_column(String(100))
    shown_name: Mapped[str | None] = mapped_column(String(200))  # only by opt-in
    baseline: Mapped[bool]
    entries: Mapped[int]
    # The transaction that adds a submission updates these; ladder.py explains the unit.
    standing: Mapped[int | None]
    best_id: Mapped[int | None]
    best_at: Mapped[datetime | None]

    @property
    def public_name(self) -> str:
        """The team's name on the board: its handle, or the real name where the team shows it."""
        return self.shown_name or self.handle


class Submission(Base):
    """A file of predictions: scored, or refused as invalid with the reasons."""

    __tablename__ = "submission"
    __table_args__ = (
        # The database ensures that the same file of a team is scored only once.
        Index(
            "uq_submission_scored_file",
            "team_id",
            "sha256",
            unique=True,
            sqlite_where=text("status = 'scored'"),
            postgresql_where=text("status = 'scored'"),
        ),
        Index("ix_submission_day", "team_id", "day"),
        # Covers the board's changes of a day, so that the large rows are not read.
        Index(
            "ix_submission_progress",
            "competition_id",
            "day",
            "team_id",
            "improved",
            "disqualified_at",
            "status",
            "standing",
        ),
        {"sqlite_autoincrement": True},  # an earlier submission has a smaller number
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(ForeignKey("competition.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]
    day: Mapped[str] = mapped_column(String(10))  # in the competition's time zone
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(10))  # SCORED or INVALID
    problems: Mapped[list[Any] | None]
    standing: Mapped[int | None]  # the shown standing after it
    improved: Mapped[bool]
    final: Mapped[bool]
    disqualified_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(1000))
    # Hidden from students: the right pictures, one bit each.
    hits: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Upload(Base):
    """The guesses of a scored submission, to score it again: a compressed array."""

    __tablename__ = "upload"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    guesses: Mapped[bytes] = mapped_column(LargeBinary)


class Audit(Base):
    """An event in the audit log: actor, action, time."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]]
