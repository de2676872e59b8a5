"""Distributions of points, by notebook, section and student, and progress."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.report.class_data import ClassData, StudentWork
from autograder.report.document import Distribution, Progress, Section
from autograder.report.numbers.judging import (
    counting,
    has_total,
    is_graded,
    max_total,
    total,
)

BINS = 10
DROP = 0.25  # of the points: a student who lost so much since the earlier assignment is named
MIN_PAIRS = 3  # students for a correlation


def distributions(found: ClassData) -> tuple[Distribution, tuple[Distribution, ...]]:
    """The total, and each notebook. A notebook leaves out students without a verdict in it.

    The total counts a missing or unreadable notebook as zero.
    """
    students = counting(found)
    notebooks = tuple(
        distribution(
            name,
            found.max_points[name],
            [one.results[name].points for one in students if is_graded(one, name)],
        )
        for name in found.notebooks
    )
    totals = [total(one) for one in students if has_total(found, one)]
    return distribution("total", max_total(found), totals), notebooks


def distribution(name: str, most: float, points: Sequence[float]) -> Distribution:
    """The numbers of some points. The last part of the histogram includes full points."""
    values = np.sort(np.asarray(points, dtype=float))
    counts, _ = np.histogram(np.clip(values, 0.0, most), bins=BINS, range=(0.0, most or 1.0))
    lower, middle, upper = (
        [None] * 3 if not len(values) else map(float, np.quantile(values, (0.25, 0.5, 0.75)))
    )
    return Distribution(
        name=name,
        max_points=most,
        values=tuple(map(float, values)),
        histogram=tuple(map(int, counts)),
        mean=float(values.mean()) if len(values) else None,
        median=middle,
        deviation=float(values.std(ddof=1)) if len(values) > 1 else None,
        lower_quartile=lower,
        upper_quartile=upper,
    )


def sections(found: ClassData) -> tuple[Section, ...]:
    """Each section's totals, by name; none if nobody has a section."""
    names = sorted({one.section for one in found.students})
    if names in ([], [""]):
        return ()
    return tuple(_section(found, name) for name in names)


def _section(found: ClassData, name: str) -> Section:
    own = [one for one in found.students if one.section == name]
    there = [one for one in counting(found) if one.section == name]
    points = [total(one) for one in there if has_total(found, one)]
    numbers = distribution(name, max_total(found), points)
    return Section(
        name, len(own), sum(one.has_files for one in own), numbers.mean, numbers.median,
        numbers.lower_quartile, numbers.upper_quartile,
    )  # fmt: skip


def progress(found: ClassData) -> Progress | None:
    """The shares of points before and now; None without students in both assignments."""
    most = max_total(found)
    both = [
        (one, one.earlier, total(one) / most)
        for one in counting(found)
        if one.earlier is not None and most and has_total(found, one)
    ]
    if not both:
        return None
    before = np.array([earlier for _, earlier, _ in both])
    now = np.array([share for _, _, share in both])
    fell = sorted(both, key=lambda one: one[2] - one[1])
    return Progress(
        earlier=found.earlier,
        students=len(both),
        mean_before=float(before.mean()),
        mean_now=float(now.mean()),
        correlation=correlation(before, now),
        dropped=tuple(one.id for one, earlier, share in fell if earlier - share >= DROP),
    )


def correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Pearson's correlation; None for few values, or if one of the two does not vary."""
    if len(one) < MIN_PAIRS or np.ptp(one) < 1e-9 or np.ptp(other) < 1e-9:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def share_of(found: ClassData, student: StudentWork) -> float | None:
    """The student's share of all points; None without a verdict or without points to earn."""
    most = max_total(found)
    return total(student) / most if most and has_total(found, student) else None
