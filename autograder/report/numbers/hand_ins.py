"""Times of hand-in, versions, and late days."""

from __future__ import annotations

from collections import Counter

from autograder.report.class_data import ClassData, StudentWork
from autograder.report.document import HandIns, LateDays
from autograder.report.numbers.judging import counting


def late_days(found: ClassData) -> LateDays:
    """The students by days late. A time that is not known is neither late nor on time."""
    students = [one for one in counting(found) if one.due_at is not None]
    known = [one for one in students if not one.late.doubt]
    days = Counter(one.late.days for one in known)
    return LateDays(
        has_due_date=bool(students),
        allowance=found.late_days,
        by_days=tuple(sorted(days.items())),
        students_late=sum(one.late.days > 0 for one in known),
        on_time=sum(one.late.days == 0 for one in known),
        unknown=len(students) - len(known),
        points_off=round(sum(one.late.points_off for one in students), 4),
        used_up=sum(one.late.days_left == 0 for one in students),
    )


def hand_ins(found: ClassData) -> HandIns | None:
    """The hours around the due time, and the versions; None if both are unknown."""
    students = counting(found)
    hours = sorted(hour for one in students if (hour := hours_after_due(one)) is not None)
    versions = Counter(one.versions for one in students if one.versions)
    if not hours and not versions:
        return None
    return HandIns(tuple(hours), tuple(sorted(versions.items())))


def hours_after_due(student: StudentWork) -> float | None:
    """The hours from the due time to the latest notebook, negative before it; None if unknown."""
    times = list(student.handed_in.values())
    if student.due_at is None or not times or student.late.doubt:
        return None
    known = [time for time in times if time is not None]
    if len(known) != len(times):
        return None
    return round((max(known) - student.due_at).total_seconds() / 3600, 2)
