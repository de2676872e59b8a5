"""Standings: the public board, the private board, and the table for the gradebook."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom.board.answer_keys import AnswerKey
from classroom.board.competitions import points_rule
from classroom.board.rules.ladder import loss_of
from classroom.board.rules.metrics import score_of, unpack, wilson
from classroom.board.scoring import shown_score
from classroom.storage.tables import SCORED, STUDENT, Competition, Person, Submission, Team

COLUMNS = ("student", "team", "handle", "public", "private", "entries", "time", "points")


@dataclass(frozen=True)
class Row:
    """One row of a board; ``score`` is the public or the private score, by the board."""

    rank: int | None  # None for a baseline
    team_id: int
    handle: str  # or the real name, if the team shows it
    score: float
    interval: tuple[float, float]  # 95%, from the number of measured pictures
    submissions: int
    submitted_at: datetime
    baseline: bool


def board(session: Session, competition: Competition) -> list[Row]:
    """Return the public board, the best first.

    Equal scores rank by time, the earlier first, so no two teams share a rank. The board uses only
    scores released by the Ladder or the rounding; a team without such a score is not on it.
    """
    columns = (
        Team.id, Team.handle, Team.shown_name, Team.baseline, Team.entries,
        Team.standing, Team.best_at,
    )  # fmt: skip
    found = session.execute(
        select(*columns)
        .where(Team.competition_id == competition.id, Team.standing.is_not(None))
        .order_by(Team.standing, Team.best_id)
    )
    rows, rank = [], 0
    lines: dict[int, tuple[float, tuple[float, float]]] = {}
    for team_id, handle, shown_name, baseline, entries, standing, best_at in found:
        if standing is None or best_at is None:
            continue
        rank += not baseline
        if standing not in lines:
            lines[standing] = (shown_score(competition, standing), _interval(competition, standing))
        score, interval = lines[standing]
        rows.append(
            Row(
                None if baseline else rank,
                team_id,
                shown_name or handle,
                score,
                interval,
                entries,
                best_at,
                baseline,
            )
        )
    return rows


def _interval(competition: Competition, standing: int) -> tuple[float, float]:
    pictures = competition.public_pictures
    low, high = wilson(loss_of(competition.public_score, standing, pictures), pictures)
    ends = score_of(competition.metric, low), score_of(competition.metric, high)
    return min(ends), max(ends)


def rank_of(session: Session, team: Team) -> int | None:
    """Return a team's rank on the public board; baselines have and take no rank."""
    if team.standing is None or team.best_id is None or team.baseline:
        return None
    ahead = session.scalar(
        select(func.count())
        .select_from(Team)
        .where(
            Team.competition_id == team.competition_id,
            Team.baseline.is_(False),
            (Team.standing < team.standing)
            | ((Team.standing == team.standing) & (Team.best_id < team.best_id)),
        )
    )
    return int(ahead or 0) + 1


def private_board(session: Session, competition: Competition, key: AnswerKey) -> list[Row]:
    """Return the private board, the best first. The caller checks who may see it.

    A team's best final counts, measured on the private pictures. If the team chose no finals, its
    best public submission counts. Equal scores rank by the earlier submission.
    """
    pictures = competition.pictures - competition.public_pictures
    counted: dict[int, tuple[int, int, datetime]] = {}
    teams = {
        team.id: team
        for team in session.scalars(select(Team).where(Team.competition_id == competition.id))
    }
    best = {team.best_id for team in teams.values()}
    candidates = session.execute(
        select(
            Submission.id, Submission.team_id, Submission.final, Submission.received_at,
            Submission.hits,
        )
        .where(
            Submission.competition_id == competition.id,
            Submission.status == SCORED,
            Submission.disqualified_at.is_(None),
            Submission.final.is_(True)
            | Submission.id.in_(select(Team.best_id).where(Team.competition_id == competition.id)),
        )
    ).all()  # fmt: skip
    with_finals = {team_id for _, team_id, final, _, _ in candidates if final}
    for number, team_id, final, received_at, hits in candidates:
        if not final and (team_id in with_finals or number not in best):
            continue
        right = unpack(hits or b"", competition.pictures)[~key.public]
        standing = (pictures - int(np.count_nonzero(right)), number, received_at)
        if team_id not in counted or standing < counted[team_id]:
            counted[team_id] = standing
    rows, rank = [], 0
    for team_id, (misses, _, received_at) in sorted(counted.items(), key=lambda one: one[1][:2]):
        team = teams[team_id]
        rank += not team.baseline
        ends = [score_of(competition.metric, end) for end in wilson(misses / pictures, pictures)]
        rows.append(
            Row(
                None if team.baseline else rank,
                team_id,
                team.public_name,
                score_of(competition.metric, misses / pictures),
                (min(ends), max(ends)),
                team.entries,
                received_at,
                team.baseline,
            )
        )
    return rows


@dataclass(frozen=True)
class Line:
    """One student in the table for the gradebook."""

    student: str
    team: str
    handle: str
    public: float | None
    private: float | None
    entries: int
    time: datetime | None
    points: float | None


def table(session: Session, competition: Competition, key: AnswerKey, private: bool) -> list[Line]:
    """Return a line for every student, also without an entry, the best first.

    ``private``: fill in private scores and points.
    """
    by_public = {row.team_id: row for row in board(session, competition)}
    by_private = {row.team_id: row for row in private_board(session, competition, key)}
    rows = by_private if private else by_public
    order = {team_id: at for at, team_id in enumerate(rows)}
    rule = points_rule(competition)
    teams = {
        team.key: team
        for team in session.scalars(select(Team).where(Team.competition_id == competition.id))
    }
    students = session.scalars(
        select(Person).where(Person.role == STUDENT).order_by(Person.student)
    ).all()
    lines: list[tuple[int, Line]] = []
    for person in students:
        team = teams.get(person.team_key)
        public = by_public.get(team.id) if team else None
        hidden = by_private.get(team.id) if team and private else None
        shown = hidden or public
        points = rule.points(competition.metric, hidden.score if hidden else None)
        line = Line(
            student=person.student,
            team=person.team or "",
            handle=team.handle if team else "",
            public=public.score if public else None,
            private=hidden.score if hidden else None,
            entries=team.entries if team else 0,
            time=shown.submitted_at if shown else None,
            points=points if private else None,
        )
        lines.append((order.get(team.id, len(order)) if team else len(order), line))
    return [line for _, line in sorted(lines, key=lambda one: (one[0], one[1].student))]


def table_csv(lines: list[Line]) -> str:
    """Return the table as CSV: six decimals, times in UTC, missing values empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow(
            [
                line.student,
                line.team,
                line.handle,
                _number(line.public),
                _number(line.private),
                line.entries,
                "" if line.time is None else line.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "" if line.points is None else f"{line.points:g}",
            ]
        )
    return out.getvalue()


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.6f}"
