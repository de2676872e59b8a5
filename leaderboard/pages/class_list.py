"""What the instructor reads about a class: people, what they handed in, and each file of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from leaderboard import people
from leaderboard.competitions import AnswerKeys
from leaderboard.errors import Absent
from leaderboard.metrics import score_of, unpack
from leaderboard.scoring import SCORED, shown_score
from leaderboard.submissions import INVALID
from leaderboard.tables import Competition, Person, Submission, Team

DISQUALIFIED = "disqualified"
PAGE = 100


@dataclass(frozen=True)
class Student:
    """One student of the roster."""

    student: str
    name: str
    email: str
    team: str
    handle: str
    shows_name: bool
    entries: int


@dataclass(frozen=True)
class Handed:
    """One submission in the list; ``private`` and what was really measured only when opened."""

    submission: Submission
    team: Team
    person: Person | None
    public: float | None  # as it was shown
    status: str
    measured: float | None = None  # on the public pictures
    private: float | None = None


def names(session: Session) -> dict[str, str]:
    """Return the real names, by the ids in the roster."""
    return dict(session.execute(select(Person.student, Person.name)).tuples().all())


def students(session: Session, competition: Competition) -> list[Student]:
    """Return the roster with what is known in a competition."""
    teams = {
        team.key: team
        for team in session.scalars(select(Team).where(Team.competition_id == competition.id))
    }
    rows = session.scalars(
        select(Person).where(Person.role == people.STUDENT).order_by(Person.student)
    )
    listed = []
    for person in rows:
        team = teams.get(person.team_key)
        listed.append(
            Student(
                person.student,
                person.name,
                person.email,
                person.team or "",
                team.handle if team else "",
                team is not None and team.shown_name is not None,
                team.entries if team else 0,
            )
        )
    return listed


def submissions(
    session: Session, competition: Competition, student: str, status: str, page: int
) -> tuple[list[Handed], bool]:
    """Return a page of what was handed in, the latest first, and whether there is more."""
    query = (
        select(Submission, Team, Person)
        .join(Team, Team.id == Submission.team_id)
        .outerjoin(Person, Person.id == Submission.person_id)
        .where(Submission.competition_id == competition.id)
        .order_by(Submission.id.desc())
    )
    if student:
        query = query.where(Person.student == student.replace("\0", ""))
    if status == DISQUALIFIED:
        query = query.where(Submission.disqualified_at.is_not(None))
    elif status in (SCORED, INVALID):
        query = query.where(Submission.status == status, Submission.disqualified_at.is_(None))
    rows = session.execute(query.offset((page - 1) * PAGE).limit(PAGE + 1)).tuples().all()
    listed = [_handed(competition, *row) for row in rows[:PAGE]]
    return listed, len(rows) > PAGE


def submission(session: Session, keys: AnswerKeys, competition: Competition, number: int) -> Handed:
    """Return one submission of a competition with its private score. Raises Absent."""
    row = (
        session.execute(
            select(Submission, Team, Person)
            .join(Team, Team.id == Submission.team_id)
            .outerjoin(Person, Person.id == Submission.person_id)
            .where(
                Submission.id == min(number, 2**31 - 1),
                Submission.competition_id == competition.id,
            )
            .options(undefer(Submission.hits))
        )
        .tuples()
        .one_or_none()
    )
    if row is None:
        raise Absent("There is no such submission in this competition.")
    handed = _handed(competition, *row)
    hits = row[0].hits
    if hits is None:
        return handed
    right = unpack(hits, competition.pictures)
    public = keys.of(session, competition).public
    scores = [
        score_of(competition.metric, 1 - float(np.mean(right[part]))) for part in (public, ~public)
    ]
    return Handed(
        handed.submission, handed.team, handed.person, handed.public, handed.status, *scores
    )


def _handed(
    competition: Competition, submission: Submission, team: Team, person: Person | None
) -> Handed:
    standing = submission.standing
    status = DISQUALIFIED if submission.disqualified_at is not None else submission.status
    shown = None if standing is None else shown_score(competition, standing)
    return Handed(submission, team, person, shown, status)
