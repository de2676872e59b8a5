"""A limit that ends a cell and not the process, so the cell's definitions stay."""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Any, NoReturn


class StoppedEarly(BaseException):
    """A cell took longer than an experiment may. Not an Exception: training loops catch those."""


class SoftLimit:
    """Raises StoppedEarly in a block after some seconds of the clock, and again every second.

    0 seconds mean no limit. Code that catches all exceptions goes on to the limit that kills.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        if self._seconds > 0:
            signal.signal(signal.SIGALRM, self._stop)
            signal.setitimer(signal.ITIMER_REAL, self._seconds, 1.0)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._seconds > 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _stop(self, number: int, frame: Any) -> NoReturn:
        raise StoppedEarly(f"stopped after {self._seconds:.0f} s, to leave time for the tests")
