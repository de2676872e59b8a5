"""When a notebook was handed in, and the effect on late days and points, in words for students.

Pages and tables ask this module alone. All numbers come from the student's term in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil

from autograder.records.term.ledger import Term

_NOBODY_KNOWS = "It counts neither as late nor as on time"


@dataclass(frozen=True)
class Lateness:
    """The time of a hand-in beside the due time. Times are aware; None means unknown.

    ``due_at`` includes an extension, and ``is_extended`` tells that there is one. ``is_late`` is
    None if the time does not tell. ``points_off`` are the points that lateness costs now, and
    ``fraction`` is their share; it is None if it differs between notebooks. ``days_late`` counts
    started days. ``free_days`` are the late days that the assignment uses, ``days_left`` the late
    days of the ``allowance`` that the student has left. ``doubt`` is a sentence about an unclear
    time.
    """

    handed_in_at: datetime | None = None
    due_at: datetime | None = None
    is_late: bool | None = False
    points_off: float = 0.0
    doubt: str = ""
    fraction: float | None = None
    days_late: int = 0
    free_days: int = 0
    days_left: int = 0
    allowance: int = 0
    is_extended: bool = False
    is_excused: bool = False

    @property
    def when(self) -> str:
        """The time of the hand-in with its zone, in words."""
        return "time not known" if self.handed_in_at is None else told(self.handed_in_at)

    @property
    def short(self) -> str:
        """``on time``, ``5 hours late`` or a sign of doubt; empty without a due date."""
        if self.is_excused:
            return "excused"
        if self.is_late is None:
            return "not known whether on time"
        if self.due_at is None:
            return ""
        if not self.is_late or self.handed_in_at is None:
            return "on time with an extension" if self.is_extended else "on time"
        return f"{_span(self.handed_in_at - self.due_at)} late"

    @property
    def effect(self) -> str:
        """The effect on the points, in words; empty if there is none."""
        if self.points_off or self.fraction:
            points = _count(self.points_off, "point")
            share = "" if self.fraction is None else f"{100 * self.fraction:.4g} %"
            return f"{share} ({points}) taken off" if share else f"{points} taken off"
        return "no points were taken off" if self.is_late and not self.is_excused else ""

    @property
    def days(self) -> str:
        """The late days that the assignment uses, and those left; empty if there are none."""
        if not self.allowance or not self.days_late or self.is_excused:
            return ""
        if not self.free_days:
            return "no late days were left"
        used = _count(self.free_days, "late day")
        return f"{used} used for this assignment, {self.days_left} left"

    @property
    def allowed(self) -> str:
        """The late days that are left for the term; empty in a course without them."""
        if not self.allowance:
            return ""
        verb = "is" if self.days_left == 1 else "are"
        return f"{self.days_left} of {_count(self.allowance, 'late day')} {verb} left for the term"

    @property
    def remark(self) -> str:
        """Sentences about a late, unclear or excused hand-in; empty for one on time."""
        if self.is_excused:
            return "You are excused: this assignment does not count, and uses no late days."
        if self.is_late is None:
            doubt = self.doubt or "It is not known when this was handed in"
            return " ".join(f"{doubt.rstrip('.')}. {self._due} {_NOBODY_KNOWS}.".split())
        if not self.is_late:
            return ""
        parts = [f"Handed in {self.short}, {self.when}.", self._due]
        parts += [_sentence(self.days), _sentence(self.effect)]
        return " ".join(part for part in parts if part)

    @property
    def _due(self) -> str:
        if self.due_at is None:
            return ""
        return f"It was due {told(self.due_at)}{', with an extension' * self.is_extended}."


def lateness(
    term: Term, assignment: str, notebook: str | None = None, zone: tzinfo = UTC
) -> Lateness:
    """The lateness of a notebook, or of a whole assignment by its latest notebook.

    ``zone`` is the zone of the times. A notebook that was not handed in is not late.
    """
    own = {
        place: one
        for place, one in term.hand_ins.items()
        if place[0] == assignment and notebook in (None, place[1])
    }
    due = term.due.get(assignment)
    known = [one.handed_in_at for one in own.values() if one.handed_in_at is not None]
    late = [one.late_by for one in own.values()]
    doubts = [term.doubts[place] for place in own if place in term.doubts]
    fractions = {charge.fraction for place, charge in term.charges.items() if place in own}
    charges = [term.charges[place] for place in own if place in term.charges]
    return Lateness(
        handed_in_at=max(known).astimezone(zone) if known else None,
        due_at=None if due is None else due.astimezone(zone),
        is_late=None if None in late else any(late),
        points_off=sum(term.points_off.get(place, 0.0) for place in own),
        doubt=doubts[0] if doubts else "",
        fraction=fractions.pop() if len(fractions) == 1 else None,
        days_late=max((one.days_late for one in charges), default=0),
        free_days=term.free_days(assignment),
        days_left=term.days_left,
        allowance=term.allowance,
        is_extended=assignment in term.extended,
        is_excused=assignment in term.excused,
    )


def told(time: datetime) -> str:
    """An aware time with its zone: ``3 February 2026, 09:05 UTC``."""
    zone = f"{time:%Z}"
    return f"{time.day} {time:%B %Y, %H:%M} {zone if zone[:1].isalpha() else f'UTC{zone}'}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _span(span: timedelta) -> str:
    """A duration in its largest unit, rounded up."""
    minutes = max(1, ceil(span / timedelta(minutes=1)))
    if minutes < 60:
        return _count(minutes, "minute")
    if minutes <= 48 * 60:
        return _count(ceil(minutes / 60), "hour")
    return _count(ceil(minutes / (24 * 60)), "day")


def _count(number: float, unit: str) -> str:
    text = f"{round(number, 2):g}"
    return f"{text} {unit}{'s' * (text != '1')}"
