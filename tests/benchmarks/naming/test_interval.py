from __future__ import annotations

import pytest

from benchmarks.naming.interval import wilson


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(87, 223, 0.3284, 0.4555), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_it_is_wilsons_interval(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-4)
