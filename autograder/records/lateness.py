"""When a notebook was handed in, and the effect on its points.

Pages and tables ask this module alone, so a policy for late work has one place. Today it is
nbgrader's penalty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from nbgrader.api import SubmittedAssignment, SubmittedNotebook

from autograder.files.hand_in_time import FILE, HandInTime

_NOBODY_KNOWS = "It counts neither as late nor as on time"


@dataclass(frozen=True)
class Lateness:
    """The time of a hand-in beside the due date. Both are aware times; None means unknown.

    ``is_late`` is None if the time does not tell. ``points_off`` are the points that lateness
    costs now. ``doubt`` is a sentence about an unclear time.
    """

    handed_in_at: datetime | None
    due_at: datetime | None
    is_late: bool | None
    points_off: float = 0.0
    doubt: str = ""

    @property
    def when(self) -> str:
        """The time of the hand-in with its zone, in words."""
        return "time not known" if self.handed_in_at is None else told(self.handed_in_at)

    @property
    def short(self) -> str:
        """``on time``, ``5 hours late`` or a sign of doubt; empty without a due date."""
        if self.is_late is None:
            return "not known whether on time"
        if self.due_at is None:
            return ""
        if not self.is_late or self.handed_in_at is None:
            return "on time"
        return f"{_span(self.handed_in_at - self.due_at)} late"

    @property
    def effect(self) -> str:
        """The effect on the points, in words; empty if there is none."""
        if self.points_off:
            number = f"{round(self.points_off, 2):g}"
            return f"{number} point{'s were' if number != '1' else ' was'} taken off"
        return "no points were taken off" if self.is_late else ""

    @property
    def remark(self) -> str:
        """A sentence for a late or unclear hand-in; empty for one on time."""
        due = f"It was due {told(self.due_at)}." if self.due_at else ""
        effect = f"{self.effect[:1].upper()}{self.effect[1:]}." if self.effect else ""
        if self.is_late is None:
            doubt = self.doubt or "It is not known when this was handed in"
            told_first = f"{doubt.rstrip('.')}. {due} {_NOBODY_KNOWS}."
        elif self.is_late:
            told_first = f"Handed in {self.short}, {self.when}. {due}"
        else:
            return ""
        return " ".join(f"{told_first} {effect}".split())


def lateness(
    submission: SubmittedAssignment, notebook: SubmittedNotebook | None, time: HandInTime
) -> Lateness:
    """The lateness of a notebook, or of a whole submission without one.

    ``time`` is the time in the submitted folder; it tells how exact the recorded time is. The
    penalty is the gradebook's, which the caller has brought up to date.
    """
    recorded, due = submission.timestamp, submission.duedate
    margin = time.margin if recorded == time.when else timedelta(0)
    penalties = [notebook] if notebook is not None else submission.notebooks
    doubt = time.doubt
    if recorded is None and due is not None and not doubt:
        doubt = f"It is not known when this was handed in: {FILE} is missing"
    return Lateness(
        handed_in_at=_aware(recorded),
        due_at=_aware(due),
        is_late=HandInTime(recorded, margin=margin).is_late(due),
        points_off=sum(float(one.late_submission_penalty or 0.0) for one in penalties),
        doubt=doubt,
    )


def told(time: datetime) -> str:
    """An aware time with its zone: ``3 February 2026, 09:05 UTC``."""
    return f"{time.day} {time:%B %Y, %H:%M %Z}"


def _aware(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)  # nbgrader stores naive UTC


def _span(span: timedelta) -> str:
    """A duration in its largest unit, rounded up."""
    minutes = max(1, ceil(span / timedelta(minutes=1)))
    if minutes < 60:
        return _count(minutes, "minute")
    if minutes <= 48 * 60:
        return _count(ceil(minutes / 60), "hour")
    return _count(ceil(minutes / (24 * 60)), "day")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' * (number != 1)}"
