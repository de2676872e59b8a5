"""Intervals of shares."""

from __future__ import annotations

import math

_Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson; (0, 1) if nothing was counted."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, _Z * _Z
    middle = share + square / (2 * total)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    low = max(0.0, (middle - half) / (1 + square / total))
    return low, min(1.0, (middle + half) / (1 + square / total))
