"""Metrics: hits of predictions, scores of losses, and confidence intervals."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

METRICS = ("top5_error", "top1_accuracy")
LOWER_IS_BETTER = {"top5_error": True, "top1_accuracy": False}


def hits_of(
    metric: str, guesses: npt.NDArray[np.int16], labels: npt.NDArray[np.int16]
) -> npt.NDArray[np.bool_]:
    """Return whether each picture counts as right, shape (N,).

    guesses: (N, guesses), best first; labels: (N,). ``top5_error`` accepts any of the
    guesses, ``top1_accuracy`` only the first.
    """
    if metric == "top1_accuracy":
        return np.asarray(guesses[:, 0] == labels)
    return np.asarray((guesses == labels[:, None]).any(axis=1))


def score_of(metric: str, loss: float) -> float:
    """Return the score for a loss, which is the fraction of wrong pictures."""
    return loss if LOWER_IS_BETTER[metric] else 1 - loss


def better(metric: str, score: float, other: float) -> bool:
    """Return whether a score is strictly better than another."""
    return score < other if LOWER_IS_BETTER[metric] else score > other


def wilson(fraction: float, pictures: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% interval (Wilson 1927) of a fraction measured on ``pictures`` pictures."""
    spread = z * z / pictures
    centre = (fraction + spread / 2) / (1 + spread)
    root = math.sqrt(fraction * (1 - fraction) / pictures + spread / (4 * pictures))
    half = z * root / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def pack(bits: npt.NDArray[np.bool_]) -> bytes:
    """Return booleans as bytes, eight in each byte."""
    return np.packbits(bits).tobytes()


def unpack(data: bytes, count: int) -> npt.NDArray[np.bool_]:
    """Return the booleans that ``pack`` wrote."""
    return np.unpackbits(np.frombuffer(data, np.uint8), count=count).astype(np.bool_)
