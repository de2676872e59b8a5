"""The roster: students and instructors, and their tokens."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from classroom.errors import NotAllowed, NotFound
from classroom.people.tokens import matches, new_token, token_hash
from classroom.storage import audit
from classroom.storage.tables import STUDENT, Competition, Person, SignIn, Team


def problems_of(student: str, name: str, email: str, team: str) -> list[str]:
    """Return the mistakes in the fields of one person."""
    problems = []
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,99}", student):
        problems.append(
            f"the id {student!r} is not 1 to 100 letters, digits or _ . @ - (no hyphen in front)"
        )
    if not re.fullmatch(r"[^\x00-\x1f]{1,200}", name):
        problems.append(f"the name {name!r} is not one line of 1 to 200 letters")
    if email and not re.fullmatch(r"[^\s@,]{1,64}@[^\s@,]{1,250}", email):
        problems.append(f"{email!r} is not an address for e-mail")
    if team and not re.fullmatch(r"[^\W\d_][^\x00-\x1f,]{0,79}|\d[\w -]{0,79}", team):
        problems.append(
            f"the team {team!r} does not begin with a letter or a digit, or is longer than 80"
        )
    return problems


def find(session: Session, student: str) -> Person:
    """Return the person with this id. Raises NotFound."""
    person = session.scalar(select(Person).where(Person.student == student))
    if person is None:
        raise NotFound(f"there is nobody with the id {student!r}", "student")
    return person


def by_token(session: Session, token: str) -> Person | None:
    """Return the person with this token, or None."""
    person = session.scalar(select(Person).where(Person.token_hash == token_hash(token)))
    return person if person is not None and matches(token, person.token_hash) else None


def enter(
    session: Session,
    at: datetime,
    student: str,
    name: str,
    email: str = "",
    team: str = "",
    role: str = STUDENT,
) -> str | None:
    """Add a person and return the token, or update a student and return None.

    Raises NotAllowed if the team changes and the student's old team has entries.
    """
    person = session.scalar(select(Person).where(Person.student == student))
    if person is None:
        token = new_token()
        session.add(
            Person(
                student=student,
                role=role,
                name=name,
                email=email,
                team=team or None,
                token_hash=token_hash(token),
                created_at=at,
            )
        )
        return token
    if person.role != role:
        raise NotAllowed(f"{student} is registered as {person.role} already")
    if (person.team or "") != team:
        old = entered(session, person.team_key)
        if old:
            raise NotAllowed(
                f"{student} cannot change the team any more: there are entries in {', '.join(old)}"
            )
    person.name, person.email, person.team = name, email, team or None
    return None


def entered(session: Session, team_key: str) -> list[str]:
    """Return the competitions in which a team has entries."""
    found = session.scalars(
        select(Competition.slug)
        .join(Team, Team.competition_id == Competition.id)
        .where(Team.key == team_key, Team.entries > 0)
        .order_by(Competition.slug)
    )
    return list(found)


def rotate(session: Session, at: datetime, student: str, actor: str = audit.OPERATOR) -> str:
    """Replace a token and return the new one; end the sessions of the person's browsers."""
    person = find(session, student)
    token = new_token()
    person.token_hash = token_hash(token)
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    audit.record(session, at, actor, "token rotated", student)
    return token


def team_members(session: Session, person: Person) -> int:
    """Return the size of a person's team, the person included."""
    if person.team is None:
        return 1
    count = session.scalar(
        select(func.count()).select_from(Person).where(Person.team == person.team)
    )
    return int(count or 1)


def large_teams(session: Session) -> list[str]:
    """Return a sentence for each team that is too large for an open competition."""
    smallest = session.execute(
        select(Competition.slug, Competition.team_size).where(Competition.finalized_at.is_(None))
    ).all()
    teams = session.execute(
        select(Person.team, func.count()).where(Person.team.is_not(None)).group_by(Person.team)
    ).all()
    return [
        f"the team {team} has {count} members, {slug} allows {size}: it cannot submit there"
        for slug, size in smallest
        for team, count in teams
        if count > size
    ]
