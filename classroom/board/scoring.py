"""From guesses to hits, and from hits to what the board shows. Nothing here asks the database."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from classroom.board import ladder
from classroom.board.answer_keys import AnswerKey
from classroom.board.ladder import Hits, loss_of
from classroom.board.metrics import hits_of, score_of
from classroom.board.predictions import Guesses
from classroom.storage.tables import Competition, Submission, Team


@dataclass(frozen=True)
class Score:
    """Which pictures a file has right, and its guesses as they are stored."""

    hits: Hits
    guesses: bytes  # little endian int16, compressed


def score(competition: Competition, key: AnswerKey, guesses: Guesses) -> Score:
    """Return the score of the guesses of a file."""
    packed = zlib.compress(guesses.astype("<i2").tobytes(), 1)
    return Score(hits_of(competition.metric, guesses, key.labels), packed)


def judge(
    competition: Competition,
    key: AnswerKey,
    team: Team,
    submission: Submission,
    hits: Hits,
    best_hits: Hits | None,
) -> None:
    """Set what the board shows of a submission.

    hits: of all pictures; best_hits: those of the team's best submission before it.
    """
    best = None if best_hits is None else best_hits[key.public]
    verdict = ladder.judge(competition.public_score, hits[key.public], best, team.standing)
    submission.standing, submission.improved = verdict.standing, verdict.improved


def advance(team: Team, submission: Submission) -> None:
    """Count a judged submission, and make it its team's best if it improved."""
    team.entries += 1
    if submission.improved:
        team.standing = submission.standing
        team.best_id, team.best_at = submission.id, submission.received_at


def shown_score(competition: Competition, standing: int) -> float:
    """Return the score that a standing stands for."""
    loss = loss_of(competition.public_score, standing, competition.public_pictures)
    return score_of(competition.metric, loss)


def own_score(competition: Competition, submission: Submission) -> float | None:
    """Return the public score of a file that its team may read, None if there is none.

    By the Ladder, what is shown after a file that was not better is the score of another one.
    """
    if submission.standing is None:
        return None
    if competition.public_score == "ladder" and not submission.improved:
        return None
    return shown_score(competition, submission.standing)
