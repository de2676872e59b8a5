from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from autograder.report.class_data import ClassData, StudentWork
from autograder.report.numbers.exercises import MIN_STUDENTS, exercises, groups
from autograder.results import NotebookResult, Outcome, TestResult
from tests.autograder.report.kit import NOTEBOOKS, class_data

FOUND = class_data(150)


def matrix(found: ClassData) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    """Points and maxima by student and exercise; nan where a student was not judged."""
    names = [(notebook, one) for notebook in found.notebooks for one in found.exercises[notebook]]
    rows, tops = [], []
    for student in found.students:
        if not student.has_files:
            continue
        row, top = [np.nan] * len(names), [np.nan] * len(names)
        for at, (notebook, exercise) in enumerate(names):
            for test in student.results[notebook].tests:
                if test.exercise == exercise and test.outcome.value in (
                    "passed", "partial", "failed",
                ):  # fmt: skip
                    row[at], top[at] = test.points, test.max_points
        rows.append(row)
        tops.append(top)
    return names, np.array(rows), np.array(tops)


def test_share_and_discrimination_are_those_of_item_analysis() -> None:
    names, points, most = matrix(FOUND)
    found = {(one.notebook, one.exercise): one for one in exercises(FOUND)}
    assert list(found) == names
    for at, name in enumerate(names):
        judged = ~np.isnan(points[:, at])
        shares = points[judged, at] / most[judged, at]
        rest = np.nansum(np.delete(points, at, 1), 1) / np.nansum(np.delete(most, at, 1), 1)
        one = found[name]
        assert one.judged == judged.sum()
        assert one.share == pytest.approx(shares.mean())
        assert one.discrimination == pytest.approx(np.corrcoef(shares, rest[judged])[0, 1])


def test_an_item_is_not_correlated_with_itself() -> None:
    """Two independent exercises: the plain item-total correlation would be 0.7."""
    source = np.random.default_rng(3)
    one, other = source.integers(0, 2, (2, 4000))
    found = of_points({"a": list(one), "b": list(other)})
    for item in exercises(found):
        assert item.discrimination is not None and abs(item.discrimination) < 0.05


def test_right_or_wrong_alone_gives_the_point_biserial_correlation() -> None:
    right = [1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 0]
    rest = [9, 8, 7, 9, 3, 2, 4, 6, 5, 8, 1, 2]
    found = of_points({"a": right, "b": rest}, {"a": 1.0, "b": 10.0})
    high = np.mean([b for a, b in zip(right, rest, strict=True) if a])
    low = np.mean([b for a, b in zip(right, rest, strict=True) if not a])
    p = np.mean(right)
    expected = (high - low) / np.std(rest) * np.sqrt(p * (1 - p))
    assert exercises(found)[0].discrimination == pytest.approx(expected)


def of_points(columns: dict[str, list[int]], most: dict[str, float] | None = None) -> ClassData:
    """A class of one notebook with these points."""
    most = most or dict.fromkeys(columns, 1.0)
    students = []
    for number in range(len(next(iter(columns.values())))):
        tests = tuple(
            TestResult(
                name, name, float(points[number]), most[name],
                Outcome.PASSED if points[number] == most[name]
                else Outcome.PARTIAL if points[number] else Outcome.FAILED,
            )
            for name, points in columns.items()
        )  # fmt: skip
        result = NotebookResult(f"s{number}", "a", "01", tests)
        students.append(StudentWork(f"s{number}", results={"01": result}))
    return ClassData(
        "a", ("01",), tuple(students), datetime(2026, 1, 1, tzinfo=UTC),
        {"01": tuple(columns)}, {"01": sum(most.values())},
    )  # fmt: skip


def test_few_students_or_equal_ones_have_no_discrimination() -> None:
    few = of_points({"a": [0, 1] * 4 + [1], "b": [0, 1] * 4 + [0]})
    assert len(few.students) == MIN_STUDENTS - 1
    assert [one.discrimination for one in exercises(few)] == [None, None]
    same = of_points({"a": [1] * 20, "b": [0, 1] * 10})
    assert [one.discrimination for one in exercises(same)] == [None, None]
    alone = of_points({"a": [0, 1] * 10})
    assert exercises(alone)[0].discrimination is None
    assert exercises(alone)[0].share == 0.5


def test_every_student_is_counted_once_in_an_exercise() -> None:
    for one in exercises(FOUND):
        kinds = Counter()
        for student in FOUND.students:
            for test in student.results.get(one.notebook, EMPTY).tests:
                if test.exercise == one.exercise:
                    kinds[kind(test)] += 1
        ours = {
            "full": one.full, "partly": one.partly, "nothing": one.nothing,
            "unwritten": one.unwritten, "waiting": one.waiting, "no_verdict": one.no_verdict,
        }  # fmt: skip
        assert ours == {name: kinds[name] for name in ours}
        assert one.judged == one.full + one.partly + one.nothing + one.unwritten


EMPTY = NotebookResult("", "", "", ())


def kind(test: TestResult) -> str:
    if test.outcome in (Outcome.MISSING, Outcome.UNREADABLE):
        return "left out"
    if test.outcome is Outcome.NEEDS_MANUAL_GRADE:
        return "waiting"
    if test.outcome is Outcome.GRADER_ERROR:
        return "no_verdict"
    if test.points == test.max_points:
        return "full"
    return "partly" if test.points else "unwritten" if test.unwritten else "nothing"


def test_an_exercise_that_strong_students_fail_is_remarked() -> None:
    good = [5] * 10 + [1] * 10
    found = of_points(
        {"a": [0] * 10 + [1] * 10, "b": good, "c": good}, {"a": 1.0, "b": 5.0, "c": 5.0}
    )
    hints = {one.exercise: one.hint for one in exercises(found)}
    assert "look at the check" in hints["a"]
    assert not hints["b"]
    easy = of_points({"a": [1] * 20, "b": [0] * 19 + [1]})
    assert [one.hint for one in exercises(easy)] == [
        "Nearly everybody has it.",
        "Hard for this class.",
    ]


def test_several_tests_of_an_exercise_are_one_item() -> None:
    tests = (
        TestResult("t1", "a", 1.0, 2.0, Outcome.PARTIAL),
        TestResult("t2", "a", 2.0, 2.0, Outcome.PASSED),
        TestResult("try", "a", 0.0, 0.0, Outcome.PASSED),
    )
    work = StudentWork("x", results={"01": NotebookResult("x", "a", "01", tests)})
    found = replace(of_points({"a": [1]}), students=(work,))
    (one,) = exercises(found)
    assert (one.share, one.max_points, one.judged, one.partly) == (0.75, 4.0, 1, 1)


def test_groups_that_fail_are_counted_among_the_answers_whose_groups_are_known() -> None:
    found = {(one.exercise, one.group): one for one in groups(FOUND)}
    judged: Counter[str] = Counter()
    failing: Counter[tuple[str, str]] = Counter()
    for student in FOUND.students:
        for result in student.results.values():
            for test in result.tests:
                if test.outcome is Outcome.PASSED or test.wrong_groups:
                    judged[test.exercise] += 1
                failing.update((test.exercise, group) for group in test.wrong_groups)
    assert {key: one.failing for key, one in found.items()} == failing
    for (exercise, _), one in found.items():
        assert one.judged == judged[exercise] >= one.failing


def test_groups_stand_in_the_order_of_exercises_the_most_failing_first() -> None:
    order = [one for own in NOTEBOOKS.values() for one in own]
    found = groups(FOUND)
    places = [(order.index(one.exercise), -one.failing) for one in found]
    assert places == sorted(places)


def test_a_group_that_was_not_judged_does_not_fail() -> None:
    test = TestResult(
        "t", "a", 0.0, 1.0, Outcome.FAILED, wrong_groups=("values",),
        not_judged_groups=("dtype",),
    )  # fmt: skip
    work = StudentWork("x", results={"01": NotebookResult("x", "a", "01", (test,))})
    found = groups(replace(of_points({"a": [1]}), students=(work,)))
    assert [(one.group, one.failing, one.judged, one.not_judged) for one in found] == [
        ("values", 1, 1, 0)
    ]


def test_an_open_question_has_no_mistake_to_recognise_and_no_remark_while_most_answers_wait() -> (
    None
):
    no_answer = TestResult("why", "why", 0.0, 3.0, Outcome.FAILED, message="Not answered.")
    waits = TestResult("why", "why", 0.0, 3.0, Outcome.NEEDS_MANUAL_GRADE)
    works = tuple(
        StudentWork(str(at), results={"01": NotebookResult(str(at), "a", "01", (test,))})
        for at, test in enumerate((no_answer, waits, waits))
    )
    found = replace(of_points({"why": [1]}), students=works, questions=frozenset({("01", "why")}))
    (one,) = exercises(found)
    assert (one.not_named, one.nothing, one.waiting, one.hint) == (0, 1, 2, "")
    (judged,) = exercises(replace(found, students=works[:1], questions=frozenset()))
    assert (judged.not_named, judged.hint) == (1, "Hard for this class.")
