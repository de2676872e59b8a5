"""The types of a policy for late work: a term of hand-ins goes in, charges come out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class HandIn:
    """One notebook of one student that counts, over the whole term.

    Times are aware. ``due_at`` includes the student's extension; None means no due date.
    ``handed_in_at`` is None if the time is not known. ``margin`` is its possible error. ``points``
    are earned points, manual ones included, before any penalty.
    """

    student: str
    assignment: str
    notebook: str
    handed_in_at: datetime | None
    due_at: datetime | None
    points: float
    max_points: float
    margin: timedelta = timedelta(0)

    @property
    def late_by(self) -> timedelta | None:
        """The time after the due date; zero if on time, None if it is not known."""
        if self.due_at is None:
            return timedelta(0)
        if self.handed_in_at is None or abs(self.handed_in_at - self.due_at) < self.margin:
            return None
        return max(timedelta(0), self.handed_in_at - self.due_at)


@dataclass(frozen=True)
class Charge:
    """The cost of a late notebook.

    ``days_late`` counts started days, ``free_days`` those of them that the student's late days
    cover. ``fraction`` of the earned points is taken off, from 0 to 1.
    """

    days_late: int = 0
    free_days: int = 0
    fraction: float = 0.0


class LatePolicy(ABC):
    """A policy for late work. A course names its own class in ``c.Autograder.late_policy``."""

    allowance: int = 0
    """Late days that a student may use over the term without a penalty."""

    @abstractmethod
    def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
        """The charges of one student by assignment and notebook.

        ``hand_ins`` are all counting notebooks of the student over the term, without excused
        assignments, in no order. A notebook that is missing from the result costs nothing. The
        result depends on ``hand_ins`` alone.
        """
