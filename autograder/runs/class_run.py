"""Grade a class: plan the run, grade the changed hand-ins, record each student as a whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.files.student_folders import student_folders
from autograder.grading.seeds import course_secret
from autograder.nbgrader_api.database import check_database
from autograder.records.changes import Change, changes
from autograder.registration.registration import Registration
from autograder.results import NotebookResult
from autograder.runs.grading import Grading, Progress
from autograder.runs.lock import alone
from autograder.runs.log import RunLog
from autograder.runs.plan import FilesReport, Plan, PlannedStudent, Planner, Rules, chosen_students
from autograder.runs.record import Recorder
from autograder.sandbox.view import refuse_exposed

_log = logging.getLogger(__name__)
OnChanges = Callable[[list[Change]], None]


@dataclass(frozen=True)
class ClassRun:
    """Grades one assignment of a course.

    ``students`` restricts it to some students. ``force`` also grades unchanged notebooks.
    """

    course: Course
    assignment: str
    students: tuple[str, ...] = ()
    workers: int = 0
    sandbox: str = ""
    force: bool = False

    def grade(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        on_changes: OnChanges | None = None,
        on_files: Callable[[FilesReport], None] | None = None,
        on_registered: Callable[[Registration], None] | None = None,
    ) -> list[NotebookResult]:
        """All results, by student and notebook; writes autograded notebooks and the gradebook.

        Each result is stored at once, and each student is recorded as a whole, so an interrupted
        run continues from there. With ``force``, nothing is written before all notebooks are graded
        and ``on_changes`` has received the changes. Without it, ``on_changes`` receives at the end
        the changed points of unchanged files, which come from another version of the engine or the
        course. ``on_files`` receives the unused files, ``on_registered`` the cells that changed in
        the gradebook. The run is logged, see ``runs.log``.

        Raises UsageError if there is no hand-in or another run is active, SandboxUnavailable if
        this machine cannot isolate submissions, ExposedFiles if a submission could read the course,
        GradebookError and DiskError if writing fails.
        """
        sandbox = self.sandbox or self.course.settings.sandbox
        if sandbox != "process":
            refuse_exposed(self.course)
        bundles = load_assignment(self.course, self.assignment)
        folders = student_folders(self.course, self.assignment)
        names = chosen_students(self.course, self.assignment, self.students, folders)
        check_database(self.course.gradebook)
        with alone(self.course, self.assignment), RunLog(self.course) as log:
            _log.info("sandbox %s, %d students, log %s", sandbox, len(names), log.path)
            rules = Rules.of(self.course, bundles, course_secret(self.course), sandbox)
            odd = [one for one in folders.odd if not self.students or one.student in self.students]
            plan = Planner(self.course, self.assignment, rules, self.force).plan(names, odd)
            if on_files is not None:
                on_files(plan.files)
            grading = Grading(self.course, plan, rules, log, self.workers)
            recorder = Recorder(self.course, self.assignment, plan, on_registered)
            if self.force:
                grading.run(lambda student, result: None, on_progress)
                self._record_all(bundles, plan, grading, recorder, on_changes)
            else:
                self._go_on(bundles, plan, grading, recorder, on_progress, on_changes)
            return _results(plan, bundles)

    def _go_on(
        self,
        bundles: list[NotebookBundle],
        plan: Plan,
        grading: Grading,
        recorder: Recorder,
        on_progress: Callable[[Progress], None] | None,
        on_changes: OnChanges | None,
    ) -> None:
        """Store each result at once, and record each student after the last result."""
        changed: list[Change] = []

        def record_if_whole(student: PlannedStudent) -> None:
            if len(student.results) == len(bundles):
                if student.graded_again:
                    changed.extend(changes(self.course, bundles, student.graded_again))
                recorder.record(student, bundles)

        def keep(student: PlannedStudent, result: NotebookResult) -> None:
            grading.store(student, result)
            record_if_whole(student)

        for student in plan.students:
            record_if_whole(student)
        grading.run(keep, on_progress)
        if on_changes is not None and any(student.graded_again for student in plan.students):
            on_changes(changed)

    def _record_all(
        self,
        bundles: list[NotebookBundle],
        plan: Plan,
        grading: Grading,
        recorder: Recorder,
        on_changes: OnChanges | None,
    ) -> None:
        """Report the changes, then store and record everything."""
        if on_changes is not None:
            on_changes(changes(self.course, bundles, _results(plan, bundles)))
        for student in plan.students:
            for name in student.notebooks:
                grading.store(student, student.results[name])
        for student in plan.students:
            recorder.record(student, bundles)


def _results(plan: Plan, bundles: list[NotebookBundle]) -> list[NotebookResult]:
    return [student.results[bundle.name] for student in plan.students for bundle in bundles]
