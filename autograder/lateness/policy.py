"""The types of a policy for late work: a term of hand-ins goes in, charges come out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class HandIn:
    """One notebook of one student that counts, over the whole term.

    Times are aware and become UTC. ``due_at`` includes the student's extension; None means no due
    date. ``handed_in_at`` is None if the time is not known. ``margin`` is its possible error.
    ``points`` are earned points, manual ones included, before any penalty. Raises ValueError for a
    time without a zone.
    """

    student: str
    assignment: str
    notebook: str
    handed_in_at: datetime | None
    due_at: datetime | None
    points: float
    max_points: float
    margin: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        # Python compares two times of one zone by their clocks: an hour wrong where clocks change.
        object.__setattr__(self, "handed_in_at", _utc(self.handed_in_at))
        object.__setattr__(self, "due_at", _utc(self.due_at))

    @property
    def late_by(self) -> timedelta | None:
        """The elapsed time after the due date; zero if on time, None if it is not known."""
        if self.due_at is None:
            return timedelta(0)
        if self.handed_in_at is None or abs(self.handed_in_at - self.due_at) < self.margin:
            return None
        return max(timedelta(0), self.handed_in_at - self.due_at)

    @property
    def days_late(self) -> int:
        """The started periods of 24 hours after the due date; 0 if on time or not known."""
        return -(-(self.late_by or timedelta(0)) // DAY)


@dataclass(frozen=True)
class Charge:
    """The cost of a late notebook.

    ``days_late`` counts started days. The student's late days cover ``free_days`` of these.
    ``fraction`` of the earned points is taken off, from 0 to 1.
    """

    days_late: int = 0
    free_days: int = 0
    fraction: float = 0.0


class LatePolicy(ABC):
    """A policy for late work. A course names its own class in ``c.Autograder.late_policy``.

    An instance is made without arguments.
    """

    allowance: int = 0
    """Late days that a student may use over the term without a penalty."""

    @abstractmethod
    def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
        """The charges of one student by assignment and notebook.

        ``hand_ins`` are all counting notebooks of the student over the term, without excused
        assignments, in no order. A notebook that is missing from the result costs nothing. The
        result depends on ``hand_ins`` alone.
        """


def _utc(time: datetime | None) -> datetime | None:
    """An aware time in UTC."""
    if time is None:
        return None
    if time.utcoffset() is None:
        raise ValueError(f"{time} names no time zone")
    return time.astimezone(UTC)
