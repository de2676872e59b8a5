from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.report.numbers.points import distribution, distributions, progress, sections
from autograder.results import Outcome
from tests.autograder.report.kit import NOTEBOOKS, class_data

FOUND = class_data(120)
UNREAD = (Outcome.MISSING, Outcome.UNREADABLE, Outcome.GRADER_ERROR)


def there() -> list:
    return [one for one in FOUND.students if one.has_files and not one.is_excused]


def test_a_notebook_leaves_out_students_whose_notebook_has_no_verdict() -> None:
    _, notebooks = distributions(FOUND)
    assert [one.name for one in notebooks] == list(NOTEBOOKS)
    for one in notebooks:
        results = [student.results[one.name] for student in there()]
        points = np.array([r.points for r in results if r.outcome not in UNREAD])
        assert (len(points) < len(results)) == (one.name != "03_normalization")
        np.testing.assert_allclose(one.values, np.sort(points))
        assert one.mean == pytest.approx(points.mean())
        assert one.median == pytest.approx(np.median(points))
        assert one.deviation == pytest.approx(np.std(points, ddof=1))
        quartiles = np.percentile(points, [25, 75])
        assert [one.lower_quartile, one.upper_quartile] == pytest.approx(list(quartiles))


def test_the_total_counts_missing_notebooks_as_zero_and_leaves_out_those_without_a_verdict() -> (
    None
):
    whole, _ = distributions(FOUND)
    expected = sorted(
        round(sum(r.points for r in one.results.values()), 4)
        for one in there()
        if all(r.outcome is not Outcome.GRADER_ERROR for r in one.results.values())
    )
    assert list(whole.values) == pytest.approx(expected)
    assert whole.max_points == sum(
        3 if exercise.startswith("why") else 4 for own in NOTEBOOKS.values() for exercise in own
    )
    missing = [one for one in there() if one.results["04_lenet"].outcome is Outcome.MISSING]
    assert missing  # and they are in the total
    assert len(whole.values) > len(distributions(FOUND)[1][3].values)


def test_the_numbers_are_those_of_the_summary_of_a_run() -> None:
    from autograder.records.class_summary import summarize

    summary = summarize("conv", [r for one in there() for r in one.results.values()])
    whole, notebooks = distributions(FOUND)
    assert whole.values == pytest.approx(summary.total.values)
    for ours, theirs in zip(notebooks, summary.points, strict=True):
        assert ours.values == pytest.approx(theirs.values)
        assert list(ours.histogram) == theirs.histogram
        assert (ours.mean, ours.median) == pytest.approx((theirs.mean, theirs.median))


def test_a_histogram_holds_everybody_from_nothing_to_full_points_and_beyond() -> None:
    one = distribution("x", 10.0, [0.0, 0.99, 1.0, 9.99, 10.0, 12.0, -1.0])
    assert one.histogram == (3, 1, 0, 0, 0, 0, 0, 0, 0, 3)
    assert sum(distribution("x", 0.0, [0.0, 0.0]).histogram) == 2


def test_nobody_has_no_mean() -> None:
    one = distribution("x", 10.0, [])
    assert (one.mean, one.median, one.deviation, one.values) == (None, None, None, ())
    assert distribution("x", 10.0, [3.0]).deviation is None


def test_an_excused_student_is_in_no_number() -> None:
    first, *rest = FOUND.students
    excused = replace(FOUND, students=(replace(first, is_excused=True), *rest))
    without = replace(FOUND, students=tuple(rest))
    assert distributions(excused) == distributions(without)


def test_sections_are_compared_by_their_totals() -> None:
    found = {one.name: one for one in sections(FOUND)}
    assert list(found) == ["Monday", "Thursday", "Tuesday"]
    for name, one in found.items():
        own = [student for student in FOUND.students if student.section == name]
        only = replace(FOUND, students=tuple(own))
        assert (one.students, one.handed_in) == (len(own), sum(s.has_files for s in own))
        assert one.mean == pytest.approx(np.mean(distributions(only)[0].values))


def test_without_sections_there_is_no_comparison() -> None:
    people = tuple(replace(one, section="") for one in FOUND.students)
    assert sections(replace(FOUND, students=people)) == ()


def test_progress_compares_the_same_students_in_both_assignments() -> None:
    first, *rest = FOUND.students
    found = replace(FOUND, students=(replace(first, earlier=None), *rest))
    result = progress(found)
    assert result is not None
    most = sum(found.max_points.values())
    both = [
        (one.earlier, sum(r.points for r in one.results.values()) / most)
        for one in rest
        if one.has_files
        and one.earlier is not None
        and all(r.outcome is not Outcome.GRADER_ERROR for r in one.results.values())
    ]
    before, now = np.array(both).T
    assert result.students == len(both)
    assert result.mean_before == pytest.approx(before.mean())
    assert result.mean_now == pytest.approx(now.mean())
    assert result.correlation == pytest.approx(np.corrcoef(before, now)[0, 1])
    fell = [before_ - now_ >= 0.25 for before_, now_ in both]
    assert len(result.dropped) == sum(fell) > 0


def test_without_an_earlier_assignment_there_is_no_progress() -> None:
    people = tuple(replace(one, earlier=None) for one in FOUND.students)
    assert progress(replace(FOUND, students=people)) is None
