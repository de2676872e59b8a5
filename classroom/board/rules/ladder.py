"""Which public score is shown: the Ladder, or the score rounded by its standard error.

A score is kept as a ``standing``: a whole number of units of loss, smaller is better. It is the
only trace of the public labels that leaves the server, and ranks are computed from it alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """What is shown after a submission: a standing, and whether it is the team's new best."""

    standing: int
    improved: bool


def ladder(hits: Hits, best_hits: Hits | None, best: int | None) -> Verdict:
    """Return the verdict of the parameter-free Ladder (Blum and Hardt 2015, arXiv 1502.04585).

    hits: for every public picture whether this submission is right, best_hits: the same for the
    submission that was shown last, best: its standing, the number of pictures it misses.

    The paper shows the new loss R if ``R < R_best - s / sqrt(n)``, where s is the standard
    deviation of the n differences between the two losses, and otherwise shows R_best again. A
    loss here is 0 or 1 a picture. With G pictures gained in sum and K pictures on which the two
    differ, the sample variance is ``(K - G * G / n) / (n - 1)``, and the condition becomes
    ``G > 0 and G * G > K``: exact, in whole numbers. Rounding to multiples of 1 / n, the last
    step in the paper, changes nothing, since all losses are such multiples.
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

    The step depends on n alone, so that it gives nothing away. Every submission shows its own.
    """
    misses = int(hits.size - np.count_nonzero(hits))
    steps = math.floor(2 * misses / math.sqrt(hits.size) + 0.5)
    return Verdict(steps, best is None or steps < best)


def judge(rule: str, hits: Hits, best_hits: Hits | None, best: int | None) -> Verdict:
    """Return the verdict by the competition's rule, ``ladder`` or ``rounded``."""
    return ladder(hits, best_hits, best) if rule == "ladder" else rounded(hits, best)


def loss_of(rule: str, standing: int, pictures: int) -> float:
    """Return the loss, 0 to 1, that a standing stands for."""
    if rule == "ladder":
        return standing / pictures
    return min(1.0, standing / (2 * math.sqrt(pictures)))
