"""Grading in a run: the pool of workers, and each result stored as it comes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from autograder.course.layout import Course
from autograder.results import NotebookResult, Outcome
from autograder.runs.log import RunLog
from autograder.runs.plan import Plan, PlannedStudent, Rules
from autograder.sandbox.affinity import usable_cores
from autograder.workers.cache import ResultStore
from autograder.workers.pool import Pool
from autograder.workers.worker import Graded, Task, Work

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """The progress of a run: finished notebooks, all notebooks, and the students in work."""

    done: int
    total: int
    current: tuple[str, ...] = ()


class Grading:
    """Grades the notebooks of a plan that have no result.

    ``workers`` is the number of notebooks at once; 0 means the number in the settings.
    """

    def __init__(self, course: Course, plan: Plan, rules: Rules, log: RunLog, workers: int) -> None:
        self._course = course
        self._plan = plan
        self._rules = rules
        self._log = log
        self._workers = workers or course.settings.workers or len(usable_cores())
        self._store = ResultStore(course)

    def run(
        self,
        on_result: Callable[[PlannedStudent, NotebookResult], None],
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """Grade the notebooks; call ``on_result`` with each result after its student has it.

        Raises SandboxUnavailable if this machine cannot isolate submissions.
        """
        waiting = self._plan.waiting
        known = sum(len(student.results) for student in self._plan.students)
        _log.info("%d notebooks to grade, %d results known", len(waiting), known)
        if not waiting:
            return
        done, total = 0, len(waiting)

        def report(current: list[Task]) -> None:
            if on_progress is not None:
                now = tuple(f"{task.student}/{task.notebook}" for task in current)
                on_progress(Progress(done, total, now))

        rules = self._rules
        work = Work(
            self._course.root, self._course.settings, rules.sandbox, rules.bundles, rules.secret
        )
        with Pool(work, min(self._workers, total), self._log.lost) as pool:
            for task, graded in pool.grade(map(self._plan.task, waiting), report):
                self._log.graded(graded.result)
                student = self._plan.student(task.student)
                result = self._take_in(student, task.notebook, graded)
                done += 1
                _log.info(
                    "graded %s, %s: %s, %g of %g points in %.1f s",
                    task.student, task.notebook, result.outcome, result.points, result.max_points,
                    result.seconds,
                )  # fmt: skip
                on_result(student, result)
                report([])

    def _take_in(self, student: PlannedStudent, notebook: str, graded: Graded) -> NotebookResult:
        """Give a student a result, with the origin of its points."""
        planned = student.notebooks[notebook]
        source = self._rules.sources[notebook]
        result = replace(graded.result, handed_in=planned.files, source=source)
        student.results[notebook] = result
        if planned.was_graded:
            student.graded_again.append(result)
        if graded.submission is not None:
            self._plan.keep(student.name, notebook, graded.submission)
        return result

    def store(self, student: PlannedStudent, result: NotebookResult) -> None:
        """Store a result, unless the grader failed; then the same command grades again."""
        if result.outcome is not Outcome.GRADER_ERROR:
            self._store.save(result, student.notebooks[result.notebook].key)
