"""Shared anonymous memory of processes, where no control group counts it.

A process may write to a shared mapping and then give the pages up (``MADV_DONTNEED``), or unmap
them in part: they stay in memory, resident in no process. The kernel tells an ordinary user only
the sum over the whole machine, and the mapped part of each piece. One piece is limited by
the system-call filter, so the number of pieces limits the sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.config.settings import Settings

_PIECES = 8  # of the largest size fill the memory of a submission


def largest_piece(settings: Settings) -> int:
    """Bytes that one shared anonymous mapping may have."""
    return (settings.memory_mb << 20) // _PIECES


@dataclass(frozen=True)
class SharedMemory:
    """Shared memory since some moment: ``before`` are the bytes of the machine at that moment."""

    before: int
    largest: int

    @classmethod
    def now(cls, settings: Settings) -> SharedMemory:
        return cls(_of_the_machine(), largest_piece(settings))

    def growth(self) -> int:
        """Bytes of shared memory that the machine holds more than before, at least 0."""
        return max(0, _of_the_machine() - self.before)

    def held_by(self, pids: Iterable[int]) -> int:
        """Bytes of it that some processes can hold: no more than came, no more than they can."""
        pieces = {piece for pid in pids for piece in _pieces(pid)}
        return min(self.growth(), len(pieces) * self.largest)


def _of_the_machine() -> int:
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("Shmem:"):
                    return int(line.split()[1]) << 10
    except (OSError, ValueError):
        pass
    return 0


def _pieces(pid: int) -> set[str]:
    """The shared anonymous memory that a process has mapped at all, by number."""
    try:
        with open(f"/proc/{pid}/maps") as file:
            rows = [line.split(None, 5) for line in file]
    except OSError:
        return set()
    return {
        row[4]
        for row in rows
        if len(row) == 6 and row[1][3] == "s" and row[5].startswith("/dev/zero")
    }
