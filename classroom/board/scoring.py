"""Scoring: hits of guesses, and the public standing of hits. It runs no query."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom.board.rules import ladder
from classroom.board.rules.form import Guesses
from classroom.board.rules.ladder import Hits, loss_of
from classroom.board.rules.metrics import hits_of, score_of
from classroom.storage.tables import Competition, Submission, Team


@dataclass(frozen=True)
class Score:
    """The right pictures of a file, and its guesses in the stored form."""

    hits: Hits
    guesses: bytes  # little endian int16, compressed


def score(metric: str, labels: npt.NDArray[np.int16], guesses: Guesses) -> Score:
    """Return the score of the guesses of a file."""
    packed = zlib.compress(guesses.astype("<i2").tobytes(), 1)
    return Score(hits_of(metric, guesses, labels), packed)


def judge(
    rule: str,
    team: Team,
    submission: Submission,
    hits: Hits,
    best_hits: Hits | None,
) -> None:
    """Set the public standing of a submission by the rule ``ladder`` or ``rounded``.

    hits: one for each public picture; best_hits: the same for the team's best earlier file.
    """
    verdict = ladder.judge(rule, hits, best_hits, team.standing)
    submission.standing, submission.improved = verdict.standing, verdict.improved


def advance(team: Team, submission: Submission) -> None:
    """Count a judged submission; if it improved, make it its team's best."""
    team.entries += 1
    if submission.improved:
        team.standing = submission.standing
        team.best_id, team.best_at = submission.id, submission.received_at


def shown_score(competition: Competition, standing: int) -> float:
    """Return the score of a standing."""
    loss = loss_of(competition.public_score, standing, competition.public_pictures)
    return score_of(competition.metric, loss)


def own_score(competition: Competition, submission: Submission) -> float | None:
    """Return the public score of a file that its team may read, None if there is none.

    By the Ladder, a file that was not better shows the score of an earlier file.
    """
    if submission.standing is None:
        return None
    if competition.public_score == "ladder" and not submission.improved:
        return None
    return shown_score(competition, submission.standing)
