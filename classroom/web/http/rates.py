"""Rate limits by token buckets: a burst of requests, then a rate per second."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from classroom.web.http.settings import Rate

MOST_KEYS = 20_000  # buckets in memory; the least recently used bucket is dropped first


class Remembered:
    """Numbers by name; beyond MOST_KEYS, the oldest entry is dropped."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> int | None:
        """Return the number of a name, or None."""
        return self._numbers.get(name)

    def put(self, name: str, number: int) -> None:
        """Remember the number of a name."""
        with self._lock:
            self._numbers[name] = number
            while len(self._numbers) > MOST_KEYS:
                self._numbers.popitem(last=False)


class Limiter:
    """Token buckets with one rate, one bucket per key, in the memory of this process."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Return 0 and count the request, or the seconds until the next request is allowed."""
        with self._lock:
            left, now = self._left(key)
            if left < 1:
                return self._wait(left)
            self._store(key, left - 1, now)
            return 0

    def peek(self, key: str) -> int:
        """Return the result of ``take`` without counting a request."""
        with self._lock:
            left, _ = self._left(key)
            return 0 if left >= 1 else self._wait(left)

    def _left(self, key: str) -> tuple[float, float]:
        now = self._clock()
        left, seen = self._buckets.get(key, (float(self._rate.burst), now))
        gained = max(0.0, now - seen) * self._rate.per_second
        return min(float(self._rate.burst), left + gained), now

    def _wait(self, left: float) -> int:
        return max(1, math.ceil((1 - left) / self._rate.per_second))

    def _store(self, key: str, left: float, now: float) -> None:
        self._buckets[key] = (left, now)
        self._buckets.move_to_end(key)
        while len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
