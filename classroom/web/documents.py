"""The documents of the API: its answers and its JSON bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy.orm import Session

from classroom.board import entries
from classroom.board.scoring import own_score
from classroom.board.standings import Row
from classroom.board.submissions import Receipt
from classroom.people.teams import team_of
from classroom.storage.tables import SCORED, Competition, Person, Submission
from classroom.web.http.problems import ErrorItem


def _whole(value: Any) -> Any:
    """Return 7 for 7.0: JSON knows one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int, Field(ge=1, lt=2**31), BeforeValidator(_whole)]


class CompetitionInfo(BaseModel):
    """The rules of a competition."""

    slug: str
    title: str
    metric: str
    public_score: str
    daily_limit: int
    team_size: int
    time_zone: str
    opens_at: datetime | None
    closes_at: datetime | None
    finalized: bool
    classes: int
    guesses: int
    pictures: int
    public_fraction: float


class Entry(BaseModel):
    """One row of a board; a baseline has no rank."""

    rank: int | None
    handle: str
    score: float
    submissions: int
    submitted_at: datetime
    baseline: bool


class Board(BaseModel):
    """A board, best first."""

    entries: list[Entry]


class SubmissionReceipt(BaseModel):
    """The answer to a submission.

    ``verdict`` is ``better`` or ``not better`` than the team's best before it. If the file was not
    better, the Ladder does not show its score: ``public_score`` is the best score again.
    """

    id: int
    status: str
    public_score: float
    best_public_score: float
    improved: bool
    verdict: str
    rank: int | None
    submissions_left_today: int


class MySubmission(BaseModel):
    """One file of a team; ``status`` is scored, invalid or disqualified.

    ``verdict`` is ``better`` or ``not better`` than the team's best before it; null for a refused
    file. ``public_score`` is null for a refused file, and by the Ladder for a file that was not
    better.
    """

    id: int
    status: str
    submitted_at: datetime
    file_name: str
    public_score: float | None
    improved: bool
    verdict: str | None
    final: bool
    errors: list[ErrorItem]


class MySubmissions(BaseModel):
    """The files of a team, latest first."""

    handle: str | None
    submissions_left_today: int
    submissions: list[MySubmission]


class Finals(BaseModel):
    """Up to two submissions that count in the end."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ids: Annotated[list[Number], Field(max_length=2)]


class ChosenFinals(BaseModel):
    """The chosen finals; a warning for each that was not better than the team's best."""

    ids: list[int]
    warnings: list[str] = []


class NameChoice(BaseModel):
    """Whether the board shows the real name."""

    model_config = ConfigDict(extra="forbid", strict=True)

    show_real_name: bool


class Name(BaseModel):
    """The name of a team on the board."""

    handle: str


def competition(row: Competition) -> CompetitionInfo:
    """Return the rules of a competition."""
    return CompetitionInfo(
        slug=row.slug,
        title=row.title,
        metric=row.metric,
        public_score=row.public_score,
        daily_limit=row.daily_limit,
        team_size=row.team_size,
        time_zone=row.time_zone,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        finalized=row.finalized_at is not None,
        classes=row.classes,
        guesses=row.guesses,
        pictures=row.pictures,
        public_fraction=row.public_fraction,
    )


def board(rows: list[Row]) -> Board:
    """Return a board as a document."""
    entries = [
        Entry(
            rank=row.rank,
            handle=row.handle,
            score=row.score,
            submissions=row.submissions,
            submitted_at=row.submitted_at,
            baseline=row.baseline,
        )
        for row in rows
    ]
    return Board(entries=entries)


def receipt(of: Receipt) -> SubmissionReceipt:
    """Return a receipt as a document."""
    return SubmissionReceipt(
        id=of.id,
        status=of.status,
        public_score=of.public_score,
        best_public_score=of.best_public_score,
        improved=of.improved,
        verdict=verdict_of(of.better),
        rank=of.rank,
        submissions_left_today=of.submissions_left_today,
    )


def verdict_of(better: bool) -> str:
    """Return the verdict in words."""
    return "better" if better else "not better"


def mine(session: Session, row: Competition, person: Person, at: datetime) -> MySubmissions:
    """Return the files of a person's team. Disqualifications are shown without their reasons."""
    team = team_of(session, row, person)
    if team is None:
        return MySubmissions(handle=None, submissions_left_today=row.daily_limit, submissions=[])
    return MySubmissions(
        handle=team.public_name,
        submissions_left_today=entries.left_today(session, row, team, at),
        submissions=[_mine(row, submission) for submission in entries.of_team(session, team)],
    )


def _mine(row: Competition, submission: Submission) -> MySubmission:
    scored = submission.status == SCORED
    disqualified = submission.status == SCORED and submission.disqualified_at is not None
    return MySubmission(
        id=submission.id,
        status="disqualified" if disqualified else submission.status,
        submitted_at=submission.received_at,
        file_name=submission.file_name,
        public_score=own_score(row, submission),
        improved=submission.improved,
        verdict=verdict_of(submission.improved) if scored else None,
        final=submission.final,
        errors=[ErrorItem(**problem) for problem in submission.problems or []],
    )
