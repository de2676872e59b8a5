"""Which submissions a team wants to be measured by in the end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from classroom.board.scoring import SCORED
from classroom.errors import Closed, Forbidden, Invalid, Problem, Unconfirmed
from classroom.storage import audit
from classroom.storage.tables import Competition, Person, Submission, Team

MOST = 2


def choose(
    session: Session,
    at: datetime,
    competition: Competition,
    person: Person,
    team: Team | None,
    ids: list[int],
    confirmed: bool = True,
) -> list[int]:
    """Return the finals of a team, which are these from now on; none means the best public one.

    Possible until the competition is finalized, also after its deadline. Raises Invalid with
    every problem, Closed when it is too late, and Unconfirmed, with the warnings, where a new
    choice holds a file that was not better and ``confirmed`` is not set.
    """
    now = session.scalar(
        select(Competition.finalized_at)
        .where(Competition.id == competition.id)
        .with_for_update(read=True)
    )
    if now is not None:
        raise Closed("The competition is finalized; finals stay as they are.")
    if team is None and not ids:
        return []
    if team is None:
        raise Forbidden("You have no submission in this competition yet.")
    session.execute(select(Team.id).where(Team.id == team.id).with_for_update())
    mine = {
        submission.id: submission
        for submission in session.scalars(
            select(Submission)
            .where(Submission.team_id == team.id, Submission.status == SCORED)
            .with_for_update()
        )
    }
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
    if problems:
        raise Invalid("These cannot be the finals.", problems=problems)
    changed = set(ids) != {number for number, one in mine.items() if one.final}
    warned = warnings(session, team, ids) if changed and not confirmed else []
    if warned:
        if team.best_id not in ids:
            warned.append(f"Your best, submission {team.best_id}, then does not count at all.")
        raise Unconfirmed(
            "Nothing is saved yet: your choice holds a file that was not better.",
            problems=[Problem(words) for words in warned],
        )
    for submission in mine.values():
        submission.final = submission.id in ids
    chosen = sorted(ids)
    audit.record(session, at, person.student, "finals chosen", competition.slug, ids=chosen)
    return chosen


def warnings(session: Session, team: Team | None, ids: list[int]) -> list[str]:
    """Return a sentence for each of these submissions of a team that was not better than its best.

    The board shows no worse score for such a file, and its own private score counts in the end.
    """
    if team is None or not ids:
        return []
    found = session.scalars(
        select(Submission.id)
        .where(
            Submission.team_id == team.id,
            Submission.id.in_(ids),
            Submission.status == SCORED,
            Submission.improved.is_(False),
        )
        .order_by(Submission.id)
    )
    best = f", submission {team.best_id}" if team.best_id is not None else ""
    return [
        f"Submission {number} was not better than your best{best}. As a final, its own score on "
        "the private pictures counts, and that may be worse."
        for number in found
    ]
