"""Grade some exercises of a class again, after a check was mended.

The whole notebook runs, with all of its tests, because an exercise may need the cells and the names
before it. Only the verdicts on the chosen exercises are taken: points and texts of all others stay.

Nothing is written before the user has seen the differences, apart from the new results, which wait
in ``.autograder/graded_again`` so that an interrupted run continues from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.files.student_folders import student_folders
from autograder.grading.seeds import course_secret
from autograder.nbgrader_api.database import check_database
from autograder.records.recorded_scores import RecordedScores, Scores, recorded_scores
from autograder.registration.registration import Registration
from autograder.results import NotebookResult, Outcome, StoredResult
from autograder.runs.chosen_exercises import check_diagnoses, check_exercises, with_diagnosis
from autograder.runs.graded_again import Difference, GradedAgain, graded_again
from autograder.runs.grading import Grading, Progress
from autograder.runs.lock import alone
from autograder.runs.log import RunLog
from autograder.runs.plan import NO_FILES, Plan, PlannedStudent, Planner, Rules
from autograder.runs.record import Recorder
from autograder.sandbox.view import refuse_exposed
from autograder.workers.cache import ResultStore

_log = logging.getLogger(__name__)
WAITING = "graded_again"  # the folder of new results that are not recorded yet
MIXED = "mixed "  # the key of a result with verdicts of two versions of the course

NOT_GRADED = "was not graded yet"
NO_FOLDER = "has no folder in submitted/ any longer"
NOT_STORED = "has points in the gradebook, but no stored result"
OTHER_POINTS = "has other points in the gradebook than in the stored result"
NEW_FILES = "handed in other files since the last grading"


@dataclass
class Report:
    """A regrade before it is written.

    ``students`` is the number of students whose notebooks were graded again. ``left`` are the
    students who were left to ``autograder grade``, with the reason. ``failed`` are the students
    whose old verdict stays because the grader failed. ``others`` counts, by exercise, the students
    who would have another verdict on an exercise that was not chosen.
    """

    differences: list[Difference] = field(default_factory=list)
    students: int = 0
    left: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Known:
    """The recorded result of a notebook, the scores in the gradebook, and the chosen exercises."""

    stored: StoredResult
    scores: RecordedScores
    exercises: frozenset[str]


_Notebooks = dict[tuple[str, str], _Known]  # by student and notebook


@dataclass(frozen=True)
class Regrade:
    """Grades exercises of an assignment again, and records their points.

    ``exercises`` are graded again for all students; ``diagnoses`` for the students in whose
    recorded verdict such a mistake stands, each in the exercise with the mistake.
    """

    course: Course
    assignment: str
    exercises: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    workers: int = 0
    sandbox: str = ""

    def run(
        self,
        confirm: Callable[[Report], bool],
        on_progress: Callable[[Progress], None] | None = None,
        on_registered: Callable[[Registration], None] | None = None,
    ) -> Report:
        """Grade again; if ``confirm`` returns true for the report, record each student as a whole.

        Points of persons and comments stay; points that replaced an automatic score which changes
        wait for another look. After an interruption, the same command continues.

        Raises UsageError for an unknown exercise or diagnosis or if another run is active,
        SandboxUnavailable, ExposedFiles, GradebookError and DiskError as ``ClassRun.grade``.
        """
        sandbox = self.sandbox or self.course.settings.sandbox
        if sandbox != "process":
            refuse_exposed(self.course)
        bundles = load_assignment(self.course, self.assignment)
        check_database(self.course.gradebook)
        with alone(self.course, self.assignment), RunLog(self.course) as log:
            rules = Rules.of(self.course, bundles, course_secret(self.course), sandbox)
            store, waiting = ResultStore(self.course), ResultStore(self.course, WAITING)
            report = Report()
            scores = recorded_scores(self.course, self.assignment)
            known = self._chosen(bundles, store, scores, report)
            plan = self._plan(rules, known, scores, waiting, report)
            grading = Grading(self.course, plan, rules, log, self.workers)
            grading.run(lambda student, result: _keep(waiting, student, result), on_progress)
            found = _compared(bundles, plan, known, report)
            if confirm(report):
                recorder = Recorder(self.course, self.assignment, plan, on_registered)
                for student in plan.students:
                    _record(student, bundles, found.get(student.name, []), recorder, store)
                waiting.clear(self.assignment)
            return report

    def _chosen(
        self, bundles: list[NotebookBundle], store: ResultStore, scores: Scores, report: Report
    ) -> _Notebooks:
        """The recorded notebooks with an exercise to grade again."""
        check_exercises(bundles, self.exercises)
        stored = {
            (one.result.student, one.result.notebook): one for one in store.all(self.assignment)
        }
        results = [one.result for one in stored.values()]
        check_diagnoses(bundles, results, self.diagnoses)
        by_mistake = with_diagnosis(results, self.diagnoses)
        here = student_folders(self.course, self.assignment).students
        recorded = {student for student, _ in scores}
        report.left |= {name: NOT_GRADED for name in here if name not in recorded}
        tested = {bundle.name: {cell.exercise for cell in bundle.tests} for bundle in bundles}
        chosen: _Notebooks = {}
        for where in sorted({*stored, *scores}):
            student, notebook = where
            named = {*self.exercises, *by_mistake.get(where, ())}
            exercises = frozenset(named & tested.get(notebook, set()))
            if not exercises or student in report.left or _had_no_file(where, stored, scores):
                continue
            if student not in here:
                report.left[student] = NO_FOLDER
            elif where not in stored or where not in scores:
                report.left[student] = NOT_STORED
            elif not _is_recorded(stored[where].result, scores[where], exercises):
                report.left[student] = OTHER_POINTS
            else:
                chosen[where] = _Known(stored[where], scores[where], exercises)
        return {where: one for where, one in chosen.items() if where[0] not in report.left}

    def _plan(
        self,
        rules: Rules,
        known: _Notebooks,
        scores: Scores,
        waiting: ResultStore,
        report: Report,
    ) -> Plan:
        """The plan for the chosen notebooks of students who handed in nothing new."""
        names = dict.fromkeys(student for student, _ in known)
        plan = Planner(self.course, self.assignment, rules, is_forced=False).plan(list(names))
        digests = {
            (student.name, name): planned.files
            for student in plan.students
            for name, planned in student.notebooks.items()
        }
        report.left |= {
            student: NEW_FILES
            for (student, notebook), one in scores.items()
            if student in names and digests.get((student, notebook), NO_FILES) != one.files
        }
        plan.students = [one for one in plan.students if one.name not in report.left]
        for student in plan.students:
            student.notebooks = {
                name: planned
                for name, planned in student.notebooks.items()
                if (student.name, name) in known
            }
            student.results = {
                name: result
                for name, planned in student.notebooks.items()
                if (
                    result := student.results.get(name)
                    or waiting.find(self.assignment, student.name, name, planned.key).result
                )
            }
        return plan


def _had_no_file(
    where: tuple[str, str], stored: dict[tuple[str, str], StoredResult], scores: Scores
) -> bool:
    """Whether a notebook was not handed in, or could not be read: there is nothing to run."""
    if where in stored and stored[where].result.outcome is Outcome.UNREADABLE:
        return True
    return where in scores and scores[where].files == NO_FILES


def _is_recorded(
    result: NotebookResult, recorded: RecordedScores, exercises: frozenset[str]
) -> bool:
    """Whether the gradebook holds a result's files and its points of all other exercises."""
    without_score = (Outcome.NEEDS_MANUAL_GRADE, Outcome.GRADER_ERROR)
    return recorded.files == result.handed_in and all(
        recorded.scores[test.grade_id] == (None if test.outcome in without_score else test.points)
        for test in result.tests
        if test.exercise not in exercises and test.grade_id in recorded.scores
    )


def _keep(waiting: ResultStore, student: PlannedStudent, result: NotebookResult) -> None:
    """Keep a new result until it is recorded, unless the grader failed."""
    if result.outcome is not Outcome.GRADER_ERROR:
        waiting.save(result, student.notebooks[result.notebook].key)


def _compared(
    bundles: Sequence[NotebookBundle], plan: Plan, known: _Notebooks, report: Report
) -> dict[str, list[GradedAgain]]:
    """The notebooks graded again, by student; the differences go into the report."""
    found: dict[str, list[GradedAgain]] = {}
    for student in plan.students:
        others: set[str] = set()
        for bundle in bundles:
            if bundle.name not in student.notebooks:
                continue
            one = known[student.name, bundle.name]
            new = student.results[bundle.name]
            if any(
                test.outcome is Outcome.GRADER_ERROR and test.exercise in one.exercises
                for test in new.tests
            ):
                report.failed.append(student.name)
                continue
            again = graded_again(bundle, one.stored.result, new, one.exercises, one.scores)
            found.setdefault(student.name, []).append(again)
            report.differences += again.differences
            others |= again.others
        for exercise in sorted(others):
            report.others[exercise] = report.others.get(exercise, 0) + 1
    report.students = len(found)
    return found


def _record(
    student: PlannedStudent,
    bundles: Sequence[NotebookBundle],
    found: Sequence[GradedAgain],
    recorder: Recorder,
    store: ResultStore,
) -> None:
    """Record the changed notebooks of a student, and store the results.

    The gradebook comes first: until a result is stored, the same command finds the same students
    by their old diagnosis.
    """
    results = {one.result.notebook: one.result for one in found if one.differences}
    if results:
        student.results = dict(results)
        recorder.record(student, [bundle for bundle in bundles if bundle.name in results])
    for one in found:
        if one.others and not one.differences:
            continue  # the old result stays as it is
        key = (
            MIXED + one.result.source if one.others else student.notebooks[one.result.notebook].key
        )
        store.save(one.result, key)
