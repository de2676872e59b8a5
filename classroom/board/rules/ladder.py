"""The rules for the shown public score: the Ladder, or rounding by the standard error.

A score is stored as a ``standing``: a whole number of units of loss, smaller is better. Only the
standing depends on public labels and leaves the server. Ranks are computed from standings alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """The shown standing of a submission, and whether it is the team's new best."""

    standing: int
    improved: bool


def ladder(hits: Hits, best_hits: Hits | None, best: int | None) -> Verdict:
    """Return the verdict of the parameter-free Ladder (Blum and Hardt 2015, arXiv 1502.04585).

    hits: for every public picture, whether this submission is right; best_hits: the same for the
    team's best submission; best: the standing of the best, its number of wrong pictures.

    The paper shows the new loss R if ``R < R_best - s / sqrt(n)``, where s is the standard
    deviation of the n differences between the two losses. Otherwise it shows R_best again. A
    loss here is 0 or 1 per picture. With G pictures gained in sum and K pictures on which the two
    differ, the sample variance is ``(K - G * G / n) / (n - 1)``, and the condition becomes
    ``G > 0 and G * G > K``: exact, in whole numbers. Rounding to multiples of 1 / n, the last
    step in the paper, changes nothing: all losses here are such multiples.
    """
    misses = int(hits.size - np.count_nonzero(hits))
    if best is None or best_hits is None:
        return Verdict(misses, True)
    gained = best - misses
    changed = int(np.count_nonzero(hits != best_hits))
    if gained > 0 and gained * gained > changed:
        return Verdict(misses, True)
    return Verdict(best, False)


def rounded(hits: Hits, best: int | None) -> Verdict:
    """Return the loss in whole steps of its largest standard error, ``1 / (2 * sqrt(n))``.

    The step depends on n alone, so it reveals nothing. Every submission shows its own score.
    """
    misses = int(hits.size - np.count_nonzero(hits))
    steps = math.floor(2 * misses / math.sqrt(hits.size) + 0.5)
    return Verdict(steps, best is None or steps < best)


def judge(rule: str, hits: Hits, best_hits: Hits | None, best: int | None) -> Verdict:
    """Return the verdict by the competition's rule, ``ladder`` or ``rounded``."""
    return ladder(hits, best_hits, best) if rule == "ladder" else rounded(hits, best)


def loss_of(rule: str, standing: int, pictures: int) -> float:
    """Return the loss of a standing, from 0 to 1."""
    if rule == "ladder":
        return standing / pictures
    return min(1.0, standing / (2 * math.sqrt(pictures)))
