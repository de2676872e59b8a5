"""An attacker without a better network, with many submissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from classroom.board.rules.ladder import ladder


@dataclass(frozen=True)
class Gain:
    """How many more pictures are right in the end than in the beginning, as fractions."""

    public: float  # as the board shows it
    private: float
    history: tuple[float, ...]  # the public gain after each submission


def climb(
    shown: str, *, flips: int, submissions: int, seed: int,
    classes: int = 10, right: float = 0.4, pictures: int = 1000,
) -> Gain:  # fmt: skip
    """Submit random flips and keep every file that the board calls better.

    shown: ``plain`` for the score as it is, ``ladder`` for ours. There are as many private
    pictures as public ones; the attacker does not know which are which.
    """
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, 2 * pictures)
    public = np.arange(2 * pictures) < pictures
    wrong = (labels + random.integers(1, classes, 2 * pictures)) % classes
    held = np.where(random.random(2 * pictures) < right, labels, wrong)
    begin = held == labels
    best_hits: np.ndarray[Any, Any] | None = begin[public]
    best = first = int(pictures - begin[public].sum())
    history = []
    for _ in range(submissions):
        tried = held.copy()
        tried[random.integers(0, 2 * pictures, flips)] = random.integers(0, classes, flips)
        hits = (tried == labels)[public]
        misses = int(pictures - hits.sum())
        better = misses < best if shown == "plain" else ladder(hits, best_hits, best).improved
        if better:
            held, best, best_hits = tried, misses, hits
        history.append((first - best) / pictures)
    private = float((held == labels)[~public].mean() - begin[~public].mean())
    return Gain((first - best) / pictures, private, tuple(history))
