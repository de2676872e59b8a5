"""Late days: some free days over the term, and then a part of the points for each further day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from autograder.lateness.policy import Charge, HandIn, LatePolicy

_NEVER = datetime.min.replace(tzinfo=UTC)


class LateDays(LatePolicy):
    """The lecture's policy: a student may be late for ``allowance`` days over the term.

    A day is a started period of 24 hours after the due time. An assignment uses the days of its
    latest notebook. The assignments use them in the order of their latest hand-ins, then of due
    times and names. Each further day takes ``day_fraction`` of a notebook's earned points off, at
    most all of them. A hand-in of which the lateness is not known uses no days and costs nothing.
    """

    def __init__(self, allowance: int = 3, day_fraction: float = 0.25) -> None:
        self.allowance = allowance
        self.day_fraction = day_fraction

    def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
        """The charges of one student by assignment and notebook; late notebooks only."""
        by_assignment: dict[str, list[HandIn]] = {}
        for one in hand_ins:
            by_assignment.setdefault(one.assignment, []).append(one)
        left = self.allowance
        found: dict[tuple[str, str], Charge] = {}
        for own in sorted(by_assignment.values(), key=_order):
            used = min(max(one.days_late for one in own), left)
            left -= used
            for one in own:
                if one.days_late:
                    free = min(one.days_late, used)
                    charge = Charge(one.days_late, free, self._fraction(one.days_late - free))
                    found[one.assignment, one.notebook] = charge
        return found

    def _fraction(self, days: int) -> float:
        """The part that this many days take off, from 0 to 1.

        It is computed in decimals: three times 0.1 is 0.3.
        """
        return float(min(Decimal(1), Decimal(str(self.day_fraction)) * days))


def _order(hand_ins: Sequence[HandIn]) -> tuple[datetime, datetime, str]:
    """The sort key of the hand-ins of one assignment."""
    latest = max(one.handed_in_at or _NEVER for one in hand_ins)
    due = max(one.due_at or _NEVER for one in hand_ins)
    return latest, due, hand_ins[0].assignment
