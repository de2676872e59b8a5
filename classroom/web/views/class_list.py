"""The instructor's lists of a class: people, submissions, and single files."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from classroom.board.answer_keys import AnswerKey, AnswerKeys
from classroom.board.rules.metrics import score_of, unpack
from classroom.board.scoring import own_score
from classroom.errors import NotFound
from classroom.storage.tables import INVALID, SCORED, STUDENT, Competition, Person, Submission, Team

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
    """One submission in the list; ``private`` is set only for a single submission."""

    submission: Submission
    team: Team
    person: Person | None
    public: float | None  # as shown to the team; None if it is not shown
    status: str
    measured: float | None = None  # on the public pictures, only for instructors
    private: float | None = None


def names(session: Session) -> dict[str, str]:
    """Return the real names, by id."""
    return {row.student: row.name for row in session.execute(select(Person.student, Person.name))}


def students(session: Session, competition: Competition) -> list[Student]:
    """Return the students of the roster with their data in a competition."""
    teams = {
        team.key: team
        for team in session.scalars(select(Team).where(Team.competition_id == competition.id))
    }
    rows = session.scalars(select(Person).where(Person.role == STUDENT).order_by(Person.student))
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
    session: Session,
    keys: AnswerKeys,
    competition: Competition,
    student: str,
    status: str,
    page: int,
) -> tuple[list[Handed], bool]:
    """Return a page of submissions, latest first, and whether there are more."""
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
    query = query.offset((page - 1) * PAGE).limit(PAGE + 1).options(undefer(Submission.hits))
    rows = session.execute(query).all()
    key = keys.of(session, competition)
    listed = [_handed(competition, key, *row) for row in rows[:PAGE]]
    return listed, len(rows) > PAGE


def submission(session: Session, keys: AnswerKeys, competition: Competition, number: int) -> Handed:
    """Return one submission of a competition with its private score. Raises NotFound."""
    row = session.execute(
        select(Submission, Team, Person)
        .join(Team, Team.id == Submission.team_id)
        .outerjoin(Person, Person.id == Submission.person_id)
        .where(
            Submission.id == min(number, 2**31 - 1),
            Submission.competition_id == competition.id,
        )
        .options(undefer(Submission.hits))
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no submission {number} in {competition.slug}", "submission")
    key = keys.of(session, competition)
    handed = _handed(competition, key, *row)
    private = _measured(competition, row[0], ~key.public)
    return replace(handed, private=private)


def _handed(
    competition: Competition,
    key: AnswerKey,
    submission: Submission,
    team: Team,
    person: Person | None,
) -> Handed:
    status = DISQUALIFIED if submission.disqualified_at is not None else submission.status
    return Handed(
        submission,
        team,
        person,
        own_score(competition, submission),
        status,
        _measured(competition, submission, key.public),
    )


def _measured(
    competition: Competition, submission: Submission, part: npt.NDArray[np.bool_]
) -> float | None:
    """Return the score of a file on a part of the pictures; None for a refused file."""
    if submission.hits is None:
        return None
    right = unpack(submission.hits, competition.pictures)[part]
    return score_of(competition.metric, 1 - float(np.mean(right)))
