"""Rate limits: buckets fill up again, and their number is bounded."""

from __future__ import annotations

from classroom.web.http.addresses import network_of
from classroom.web.http.rates import MOST_KEYS, Limiter
from classroom.web.http.settings import Rate


def test_a_bucket_fills_up_again_and_never_above_its_size() -> None:
    now = 0.0
    limiter = Limiter(Rate(burst=2, per_second=0.5), lambda: now)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 2]
    assert limiter.take("b") == 0
    now = 2.0
    assert [limiter.take("a"), limiter.take("a")] == [0, 2]
    now = 1.0  # a clock that runs backwards takes nothing away and gives nothing
    assert limiter.peek("a") == 2
    now = 1000.0
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 2]


def test_the_limits_remember_a_bounded_number_of_addresses() -> None:
    limiter = Limiter(Rate(burst=1, per_second=0.001), lambda: 0.0)
    for number in range(MOST_KEYS + 500):
        limiter.take(network_of(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    assert len(limiter._buckets) == MOST_KEYS
    assert limiter.take(network_of("10.0.0.0")) == 0, "the oldest is forgotten"
    for number in range(1000):
        limiter.take(network_of("x" * number))
    assert len(limiter._buckets) == MOST_KEYS
    assert max(map(len, limiter._buckets)) < 50
