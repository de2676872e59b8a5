"""Finals: the submissions that a team chooses to count in the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom.board.competitions import find
from classroom.errors import Closed, Forbidden, Invalid, Problem, Unconfirmed
from classroom.people.teams import team_of
from classroom.storage import audit
from classroom.storage.database import Database
from classroom.storage.tables import SCORED, Competition, Person, Submission, Team

MOST = 2


@dataclass(frozen=True)
class Finals:
    """The finals of a team; a warning for each that was not better than the team's best."""

    ids: list[int]
    warnings: list[str]


def choose(
    db: Database, at: datetime, person: Person, slug: str, ids: list[int], confirmed: bool = True
) -> Finals:
    """Choose the finals of the person's team and return them.

    Without ids, the best public submission counts. The choice is open until the competition is
    finalized, also after its deadline. Raises NotFound, Forbidden, Closed, and Invalid with every
    problem. Raises Unconfirmed with the warnings if the choice changes, holds a file that was not
    better, and ``confirmed`` is not set.
    """
    if not person.is_student:
        raise Forbidden("Only students are on the board.")
    with db.write() as session:
        competition = find(session, slug)
        _check_still_open(session, competition)
        team = team_of(session, competition, person)
        if team is None and ids:
            raise Forbidden("You have no submission in this competition yet.")
        if team is None:
            return Finals([], [])
        mine = _lock(session, team)
        problems = _problems(ids, mine)
        if problems:
            raise Invalid("These cannot be the finals.", problems=problems)
        warnings = _warnings(team, [mine[number] for number in sorted(ids)])
        changed = set(ids) != {one.id for one in mine.values() if one.final}
        if changed and warnings and not confirmed:
            raise _unconfirmed(team, ids, warnings)
        for submission in mine.values():
            submission.final = submission.id in ids
        chosen = sorted(ids)
        audit.record(session, at, person.student, "finals chosen", competition.slug, ids=chosen)
        return Finals(chosen, warnings)


def _check_still_open(session: Session, competition: Competition) -> None:
    finalized_at = session.scalar(
        select(Competition.finalized_at)
        .where(Competition.id == competition.id)
        .with_for_update(read=True)
    )
    if finalized_at is not None:
        raise Closed("The competition is finalized; finals stay as they are.")


def _lock(session: Session, team: Team) -> dict[int, Submission]:
    """Return the scored submissions of a team by number, locked: the team first."""
    session.execute(select(Team.id).where(Team.id == team.id).with_for_update())
    found = session.scalars(
        select(Submission)
        .where(Submission.team_id == team.id, Submission.status == SCORED)
        .with_for_update()
    )
    return {submission.id: submission for submission in found}


def _problems(ids: list[int], mine: dict[int, Submission]) -> list[Problem]:
    problems = []
    if len(ids) > MOST:
        problems.append(Problem(f"{len(ids)} submissions, expected at most {MOST}"))
    if len(set(ids)) < len(ids):
        problems.append(Problem("a submission is named twice"))
    for number in dict.fromkeys(ids):
        if number not in mine:
            problems.append(Problem(f"{number} is not a valid submission of your team"))
        elif mine[number].disqualified_at is not None:
            problems.append(Problem(f"{number} is disqualified"))
    return problems


def _warnings(team: Team, chosen: list[Submission]) -> list[str]:
    """Return a sentence for each submission that was not better than its team's best.

    The board does not show the score of such a file, but its private score counts as a final.
    """
    best = f", submission {team.best_id}" if team.best_id is not None else ""
    return [
        f"Submission {one.id} was not better than your best{best}. As a final, its own score on "
        "the private pictures counts, and that may be worse."
        for one in chosen
        if not one.improved
    ]


def _unconfirmed(team: Team, ids: list[int], warnings: list[str]) -> Unconfirmed:
    problems = list(warnings)
    if team.best_id not in ids:
        problems.append(f"Your best, submission {team.best_id}, then does not count at all.")
    return Unconfirmed(
        "Nothing is saved yet: your choice holds a file that was not better.",
        problems=[Problem(words) for words in problems],
    )
