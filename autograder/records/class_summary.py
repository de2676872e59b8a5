"""The results of a class in numbers: outcomes, points by notebook, mistakes, failures."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from autograder.results import NotebookResult, Outcome

BINS = 10  # of a histogram
_UNGRADED = (Outcome.MISSING, Outcome.UNREADABLE, Outcome.GRADER_ERROR)
_NOT_WRONG = (Outcome.PASSED, Outcome.NEEDS_MANUAL_GRADE, *_UNGRADED)


@dataclass(frozen=True)
class Points:
    """The points that students have in one notebook, or in all; ``values`` are in order."""

    name: str
    max_points: float
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def histogram(self) -> list[int]:
        """The number of students in each of BINS equal parts of the points, 0 % first."""
        most = self.max_points or 1.0
        bins = [min(BINS - 1, max(0, int(value / most * BINS))) for value in self.values]
        counts = Counter(bins)
        return [counts[number] for number in range(BINS)]


@dataclass(frozen=True)
class Mistake:
    """A named mistake, and the number of students whose answer shows it first."""

    id: str
    notebook: str
    students: int


@dataclass(frozen=True)
class CourseMistake:
    """A mistake of the course, because of which students have no verdict.

    ``path`` is the lesson's path in the course.
    """

    path: str
    grade_id: str
    said: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A notebook without a verdict because the grader failed; grading again may help."""

    student: str
    notebook: str
    log: str


@dataclass(frozen=True)
class ClassSummary:
    """A class in numbers.

    ``points`` and ``total`` leave out notebooks that are missing, unreadable or without a verdict;
    ``total`` counts them as zero, and leaves out students without a verdict. ``mistakes`` are the
    named ones, the most frequent first. ``unnamed`` counts wrong answers without a name.
    ``waiting`` holds a student's name for each answer that waits for a manual grade.
    """

    assignment: str
    students: tuple[str, ...]
    count: int
    outcomes: dict[Outcome, int]
    points: tuple[Points, ...]
    total: Points
    mistakes: tuple[Mistake, ...]
    unnamed: int
    waiting: tuple[str, ...]
    unreadable: tuple[str, ...]
    unclear_times: tuple[str, ...]
    course_mistakes: tuple[CourseMistake, ...] = ()
    failures: tuple[Failure, ...] = field(default=())


def summarize(
    assignment: str,
    results: Sequence[NotebookResult],
    by_hand: Collection[tuple[str, str, str]] = (),
) -> ClassSummary:
    """The numbers of a class. ``results`` are in the order of students, then of notebooks.

    ``by_hand`` are student, notebook and grade_id of the answers that a person graded: they need no
    name of a mistake.
    """
    counts = Counter(one.outcome for one in results)
    tests = [(one, test) for one in results for test in one.tests]
    named = Counter(
        (one.notebook, test.diagnosis)
        for one, test in tests
        if test.diagnosis and test.outcome not in _NOT_WRONG
    )
    unnamed = sum(
        test.outcome not in _NOT_WRONG
        and not test.diagnosis
        and (one.student, one.notebook, test.grade_id) not in by_hand
        for one, test in tests
    )
    waiting = [one.student for one, test in tests if test.outcome is Outcome.NEEDS_MANUAL_GRADE]
    return ClassSummary(
        assignment=assignment,
        students=_unique(one.student for one in results),
        count=len(results),
        outcomes={outcome: counts[outcome] for outcome in Outcome if counts[outcome]},
        points=tuple(_notebook(name, own) for name, own in _by_notebook(results).items()),
        total=_total(results),
        mistakes=tuple(
            Mistake(diagnosis, notebook, count)
            for (notebook, diagnosis), count in sorted(
                named.items(), key=lambda item: (-item[1], item[0])
            )
        ),
        unnamed=unnamed,
        waiting=tuple(waiting),
        unreadable=_unique(r.student for r in results if r.outcome is Outcome.UNREADABLE),
        unclear_times=_unique(one.student for one in results if one.time_doubt),
        course_mistakes=course_mistakes(results),
        failures=failures(results),
    )


def course_mistakes(results: Iterable[NotebookResult]) -> tuple[CourseMistake, ...]:
    """The mistakes of the course in some results, each with its students."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        for test in result.tests:
            if test.outcome is Outcome.GRADER_ERROR and test.mistake:
                path = f"source/{result.assignment}/{result.notebook}.py"
                students = found.setdefault((path, test.grade_id, test.mistake), [])
                students.append(result.student)
    return tuple(CourseMistake(*where, _unique(students)) for where, students in found.items())


def failures(results: Iterable[NotebookResult]) -> tuple[Failure, ...]:
    """The notebooks without a verdict because the grader failed, with the reason in the log."""
    found = []
    for result in results:
        if result.outcome is Outcome.GRADER_ERROR:
            tests = [test for test in result.tests if test.outcome is Outcome.GRADER_ERROR]
            ours = [test for test in tests if not test.mistake]
            if ours or not tests:
                log = next((test.log for test in ours if test.log), "no log")
                found.append(Failure(result.student, result.notebook, log))
    return tuple(found)


def _by_notebook(results: Sequence[NotebookResult]) -> dict[str, list[NotebookResult]]:
    found: dict[str, list[NotebookResult]] = {}
    for one in results:
        found.setdefault(one.notebook, []).append(one)
    return found


def _notebook(name: str, own: Sequence[NotebookResult]) -> Points:
    most = max((one.max_points for one in own), default=0.0)
    values = sorted(one.points for one in own if one.outcome not in _UNGRADED)
    return Points(name, most, tuple(values))


def _total(results: Sequence[NotebookResult]) -> Points:
    own: dict[str, float] = {}
    most: dict[str, float] = {}
    for one in results:
        own[one.student] = own.get(one.student, 0.0) + one.points
        most[one.student] = most.get(one.student, 0.0) + one.max_points
    without = {one.student for one in results if one.outcome is Outcome.GRADER_ERROR}
    values = sorted(round(points, 4) for name, points in own.items() if name not in without)
    return Points("total", max(most.values(), default=0.0), tuple(values))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
