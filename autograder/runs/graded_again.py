"""One notebook graded again for some of its exercises: the new result, and the differences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from autograder.course.source import NotebookBundle
from autograder.files.digests import PartsDigest
from autograder.records.recorded_scores import RecordedScores
from autograder.results import NotebookResult, TestResult, worst
from autograder.runs.chosen_exercises import mistakes_of


@dataclass(frozen=True)
class Difference:
    """One exercise of one student before and after; points are the automatic ones.

    ``before`` is None if there were no points. ``by_hand``: a person's points replace them and
    stay. ``gain`` is the change of the points that count. ``texts_only``: only the explanation
    changes.
    """

    student: str
    notebook: str
    exercise: str
    before: float | None
    after: float
    max_points: float
    diagnosis_before: tuple[str, ...]
    diagnosis_after: tuple[str, ...]
    gain: float = 0.0
    by_hand: bool = False

    @property
    def texts_only(self) -> bool:
        return self.before == self.after and self.diagnosis_before == self.diagnosis_after


@dataclass(frozen=True)
class GradedAgain:
    """A notebook graded again.

    ``result`` holds the new verdicts on the chosen exercises, and the old ones on the others.
    ``others`` names the other exercises whose verdict would change too. If there are none,
    ``autograder grade`` would compute the same result.
    """

    result: NotebookResult
    differences: tuple[Difference, ...]
    others: frozenset[str]


def graded_again(
    bundle: NotebookBundle,
    old: NotebookResult,
    new: NotebookResult,
    exercises: Collection[str],
    recorded: RecordedScores,
) -> GradedAgain:
    """The result for some exercises of a notebook.

    ``new`` is the result of the whole notebook, which was run with all tests: an exercise may need
    earlier cells, and ``autograder grade`` must give the same verdict.
    ``recorded`` are the points in the gradebook.
    """
    tests = _taken(bundle, old.tests, new.tests, exercises)
    tries = _taken(bundle, old.tries, new.tries, exercises)
    others = frozenset(
        one.exercise
        for mine, theirs in ((tests, new.tests), (tries, new.tries))
        for one in _unequal(mine, theirs)
    )
    result = replace(
        old,
        tests=tests,
        tries=tries,
        outcome=worst([test.outcome for test in tests]),
        source=new.source if not others else _mixed(old, new, exercises),
    )
    changed = [
        difference
        for exercise in dict.fromkeys(test.exercise for test in tests)
        if exercise in exercises
        if (difference := _difference(exercise, old, result, recorded))
    ]
    return GradedAgain(result, tuple(changed), others)


def _taken(
    bundle: NotebookBundle,
    old: Sequence[TestResult],
    new: Sequence[TestResult],
    exercises: Collection[str],
) -> tuple[TestResult, ...]:
    """The verdicts in the order of the source; only those on the chosen exercises are new."""
    before = {test.grade_id: test for test in old}
    after = {test.grade_id: test for test in new}
    found = (
        (after if cell.exercise in exercises else before).get(cell.grade_id)
        for cell in bundle.graded
    )
    return tuple(test for test in found if test is not None)


def _unequal(mine: Iterable[TestResult], theirs: Iterable[TestResult]) -> list[TestResult]:
    """The verdicts that are not the same in both, without regard to pictures and seconds."""
    one = {test.grade_id: test for test in mine}
    other = {test.grade_id: test for test in theirs}
    return [
        test
        for name, test in (one | other).items()
        if name not in one or name not in other or one[name].public() != other[name].public()
    ]


def _mixed(old: NotebookResult, new: NotebookResult, exercises: Collection[str]) -> str:
    """The digest of a course that some verdicts are from; another run has no such digest."""
    return PartsDigest("graded_again", old.source, new.source, *sorted(exercises)).hex


def _difference(
    exercise: str, old: NotebookResult, new: NotebookResult, recorded: RecordedScores
) -> Difference | None:
    """The difference in one exercise; None if nothing changes that anybody sees."""
    before = [test for test in old.tests if test.exercise == exercise]
    after = [test for test in new.tests if test.exercise == exercise]
    scores = {test.grade_id: recorded.scores.get(test.grade_id) for test in before}
    points_before = None if None in scores.values() else _sum(scores.values())
    counted = [test for test in after if test.grade_id not in recorded.by_hand]
    found = Difference(
        new.student, new.notebook, exercise, points_before, _sum(test.points for test in after),
        sum(test.max_points for test in after), _diagnoses(before), _diagnoses(after),
        gain=_sum(test.points - (scores.get(test.grade_id) or 0.0) for test in counted),
        by_hand=len(counted) < len(after),
    )  # fmt: skip
    same_text = [test.public() for test in before] == [test.public() for test in after]
    return None if found.texts_only and same_text else found


def _sum(points: Iterable[float | None]) -> float:
    return round(sum(one or 0.0 for one in points), 4)


def _diagnoses(tests: Iterable[TestResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for test in tests for name in mistakes_of(test)))
