"""Recording in a run: autograded notebooks, the gradebook and dates, one student as a whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from nbformat import NotebookNode

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import UnreadableSubmission
from autograder.files.hand_in_time import HandInTime
from autograder.files.own_pictures import show_beside
from autograder.pages.autograded import write_autograded
from autograder.received.times import notebook_times
from autograder.records.gradebook import handed_in_at, record, time_doubt
from autograder.registration.registration import Registration
from autograder.release.instructor import trusted_notebook
from autograder.results import Outcome
from autograder.runs.plan import Plan, PlannedStudent
from autograder.submission.submission import Submission, read_submission

_log = logging.getLogger(__name__)


class Recorder:
    """Records the students of a plan."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        plan: Plan,
        on_registered: Callable[[Registration], None] | None = None,
    ) -> None:
        self._course = course
        self._assignment = assignment
        self._plan = plan
        self._on_registered = on_registered
        self._trusted: dict[str, NotebookNode] = {}

    def record(self, student: PlannedStudent, bundles: list[NotebookBundle]) -> None:
        """Write a student's autograded notebooks and date, then the points into the gradebook.

        Raises GradebookError and DiskError if writing fails.
        """
        time = handed_in_at(self._course, self._assignment, student.name)
        collected = notebook_times(self._course, self._assignment, student.name)
        for name, result in student.results.items():
            own = collected.get(name, time)
            doubt = time_doubt(self._course, self._assignment, own)
            student.results[name] = replace(result, time_doubt=doubt)
        pictures = student.handed_in.pictures_by_name()
        for bundle in bundles:
            submission = self._submission(student, bundle)
            notebook = submission.notebook if submission is not None else None
            placement = submission.placement if submission is not None else {}
            if notebook is not None:
                show_beside(notebook, pictures)
            trusted, result = self._trusted_notebook(bundle), student.results[bundle.name]
            write_autograded(self._course, bundle, notebook, result, placement, trusted)
        self._date(student, time)
        record(
            self._course,
            bundles,
            student.results.values(),
            self._on_registered,
            {student.name: time},
        )
        _log.info("recorded %s in %s", student.name, self._course.gradebook)

    def _submission(self, student: PlannedStudent, bundle: NotebookBundle) -> Submission | None:
        """The submitted notebook; None if it is missing or unreadable."""
        if student.results[bundle.name].outcome is Outcome.UNREADABLE:
            return None
        found = self._plan.take(student.name, bundle.name)
        if found is None or isinstance(found, Submission):
            return found
        try:
            return read_submission(found, bundle, {})
        except UnreadableSubmission:
            return None

    def _trusted_notebook(self, bundle: NotebookBundle) -> NotebookNode:
        if bundle.name not in self._trusted:
            self._trusted[bundle.name] = trusted_notebook(self._course, bundle)
        return self._trusted[bundle.name]

    def _date(self, student: PlannedStudent, time: HandInTime) -> None:
        """Write the time of the hand-in; nbgrader compares it to find old feedback pages."""
        path = self._course.autograded / student.name / self._assignment / "timestamp.txt"
        if time.when is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, f"{time.when:%Y-%m-%d %H:%M:%S.%f} UTC\n")
