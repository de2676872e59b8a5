"""The only writer of nbgrader's gradebook: it adds results and keeps manual grades and comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import delete, insert, select

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.files.hand_in_time import FILE as TIME_FILE
from autograder.files.hand_in_time import HandInTime, hand_in_time
from autograder.interrupts import ctrl_c_waits
from autograder.nbgrader_api.converters import course_directory
from autograder.nbgrader_api.database import ORIGINS, explained, prepare_database
from autograder.nbgrader_api.tables import create_own_tables
from autograder.received.times import notebook_times
from autograder.records.recorded_times import of_same_file, recorded_times, write_times
from autograder.records.term.hand_ins import NO_TIME
from autograder.records.term.late_penalties import CONFIG, refresh
from autograder.registration.registration import Registration, register
from autograder.results import NotebookResult, Outcome, TestResult

NO_RESPONSE = "No response."  # nbgrader's own words, which formgrader shows


@contextmanager
def open_gradebook(course: Course) -> Iterator[Gradebook]:
    """The course's gradebook, created if needed and closed at the end; Ctrl-C waits for that.

    Raises GradebookError, also within the block, if it is locked, damaged or read-only.
    """
    directory = course_directory(course)
    with ctrl_c_waits(), explained(course.gradebook):
        prepare_database(directory.db_url)
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            gradebook.db.info[CONFIG] = directory.config
            yield gradebook


def record(
    course: Course,
    bundles: list[NotebookBundle],
    results: Iterable[NotebookResult],
    on_registered: Callable[[Registration], None] | None = None,
    times: Mapping[str, HandInTime] | None = None,
) -> None:
    """Write the results of one assignment, one transaction for each student.

    The assignment is registered first; ``on_registered`` is called if that changed something.
    ``times`` are the times of hand-in, by student; those that are missing are read here.

    Automatic scores are replaced. Manual grades, extra credit and comments are kept. A manually
    graded cell is marked for another look if the student's files changed, or if the course changed
    and the automatic score with it. Other cases of the same course for the same files do not mark
    it. A missing or unreadable notebook counts zero. If the grader failed, there is no score, and
    the cell waits for a person.

    Raises SourceError if the gradebook cannot hold a cell.
    """
    by_name = {bundle.name: bundle for bundle in bundles}
    with open_gradebook(course) as gradebook:
        for registration in _register(course, gradebook, bundles):
            if registration.differences and on_registered is not None:
                on_registered(registration)
        writer = _Writer(course, gradebook)
        ordered = sorted(results, key=lambda result: (result.assignment, result.student))
        for (assignment, student), group in groupby(
            ordered, key=lambda result: (result.assignment, result.student)
        ):
            pairs = [(by_name[result.notebook], result) for result in group]
            time = (times or {}).get(student) or handed_in_at(course, assignment, student)
            try:
                writer.write(assignment, student, pairs, time)
                gradebook.db.commit()
            except BaseException:
                gradebook.db.rollback()
                raise


def give_due_date(course: Course, assignment: str, due: datetime) -> None:
    """Set when an assignment is due (aware time), unless it has a due date already."""
    with open_gradebook(course) as gradebook:
        known = gradebook.update_or_create_assignment(assignment)
        if known.duedate is None:
            known.duedate = due.astimezone(UTC).replace(tzinfo=None)  # nbgrader stores naive UTC
            gradebook.db.commit()


def handed_in_at(course: Course, assignment: str, student: str) -> HandInTime:
    """The time of a submission's hand-in, and doubts about it."""
    return hand_in_time(course.submitted / student / assignment)


def time_doubt(course: Course, assignment: str, time: HandInTime) -> str:
    """The doubt about a time of hand-in; empty if it does not matter."""
    if time.when is not None or time.doubt or not _has_due_date(course, assignment):
        return time.doubt
    return f"there is a due date, and no {TIME_FILE} that says when this was handed in"


def _has_due_date(course: Course, assignment: str) -> bool:
    if not course.gradebook.is_file():
        return False
    with open_gradebook(course) as gradebook:
        try:
            return gradebook.find_assignment(assignment).duedate is not None
        except MissingEntry:
            return False


def _register(
    course: Course, gradebook: Gradebook, bundles: list[NotebookBundle]
) -> Iterator[Registration]:
    """Register the assignments of some notebooks, each with all of its notebooks."""
    for assignment in sorted({bundle.assignment for bundle in bundles}):
        given = [bundle for bundle in bundles if bundle.assignment == assignment]
        if {bundle.name for bundle in given} < {
            path.stem for path in course.notebook_sources(assignment)
        }:
            given = load_assignment(course, assignment)
        yield enter_cells(course, gradebook, given)


def enter_cells(
    course: Course, gradebook: Gradebook, bundles: list[NotebookBundle]
) -> Registration:
    """Register one assignment, given by all of its notebooks; late penalties follow the totals.

    Raises SourceError if the gradebook cannot hold a cell, DiskError if the backup cannot be
    written.
    """
    return register(course, gradebook, bundles, lambda db: refresh(db, course.config))


class _Writer:
    """Writes students' results into an open gradebook; the caller commits."""

    def __init__(self, course: Course, gradebook: Gradebook) -> None:
        self.db = gradebook.db
        ORIGINS.create(self.db.connection(), checkfirst=True)
        create_own_tables(self.db.connection())
        self.gradebook = gradebook
        self.course = course
        self.config = course.config

    def write(
        self,
        assignment: str,
        student: str,
        pairs: list[tuple[NotebookBundle, NotebookResult]],
        time: HandInTime,
    ) -> None:
        """Record one student's results on some notebooks of an assignment."""
        collected = notebook_times(self.course, assignment, student)
        time = _latest(collected.values()) if collected else time
        submission = self._submission(assignment, student)
        before = HandInTime(submission.timestamp)
        same_time = time.when is not None and time.when == before.when
        if time.when is not None or time.doubt:  # an older time must not replace an unclear time
            submission.timestamp = time.when
        notebooks = {notebook.name: notebook for notebook in submission.notebooks}
        recorded = recorded_times(self.db, student, assignment)
        times: dict[str, HandInTime] = {}
        for bundle, result in pairs:
            notebook = notebooks[bundle.name]
            same_files, same_course = self._same(notebook, result, same_time)
            self._write_grades(notebook, bundle, result, same_files, same_course)
            if result.outcome is not Outcome.MISSING:
                old = recorded.get(bundle.name, before if not recorded else None)
                new = collected.get(bundle.name, time)
                is_kept = same_files and bundle.name not in collected
                if not same_files and bundle.name in recorded and not (new.when or new.doubt):
                    new = HandInTime(doubt=NO_TIME)  # the time of the earlier file is not its time
                times[bundle.name] = of_same_file(old, new) if is_kept else new
            self._set_origin(notebook, result)
            self._write_comments(notebook, bundle, result)
            self.db.flush()
            self.db.expire(notebook)  # the database computes the score of a notebook
        missing = [bundle.name for bundle, _ in pairs if bundle.name not in times]
        write_times(self.db, student, assignment, times, missing)
        refresh(self.db, self.config, [student])

    def _submission(self, assignment: str, student: str) -> SubmittedAssignment:
        """The student's submission, with a grade for each graded cell and a comment per answer.

        The rows are the same as from nbgrader's ``add_submission``, but not yet committed.
        """
        try:
            submission = self.gradebook.find_submission(assignment, student)
        except MissingEntry:
            person = self.db.get(Student, student) or Student(id=student)
            self.db.add(person)
            submission = SubmittedAssignment(
                assignment=self.gradebook.find_assignment(assignment), student=person
            )
            self.db.add(submission)
        present = {notebook.name for notebook in submission.notebooks}
        for source in submission.assignment.notebooks:
            if source.name not in present:
                graded = [cell.id for cell in (*source.grade_cells, *source.task_cells)]
                answers = [cell.id for cell in (*source.solution_cells, *source.task_cells)]
                with self.db.no_autoflush:
                    notebook = SubmittedNotebook(notebook=source, assignment=submission)
                    self.db.add(notebook)
                    self.db.add_all(Grade(cell_id=cell, notebook=notebook) for cell in graded)
                    self.db.add_all(Comment(cell_id=cell, notebook=notebook) for cell in answers)
        self.db.flush()
        return submission

    def _write_grades(
        self,
        notebook: SubmittedNotebook,
        bundle: NotebookBundle,
        result: NotebookResult,
        same_files: bool,
        same_course: bool,
    ) -> None:
        grades = self._rows(Grade, notebook)
        verdicts = {test.grade_id: test for test in result.tests}
        for cell in bundle.graded:
            grade, verdict = grades[cell.grade_id], verdicts.get(cell.grade_id)
            score = 0.0 if cell.is_try else _auto_score(cell.is_manual, verdict, result.outcome)
            seen = same_files and (same_course or grade.auto_score == score)
            grade.auto_score = score
            if grade.manual_score is None:
                grade.needs_manual_grade = score is None
            elif not seen:
                grade.needs_manual_grade = True

    def _write_comments(
        self, notebook: SubmittedNotebook, bundle: NotebookBundle, result: NotebookResult
    ) -> None:
        comments = self._rows(Comment, notebook)
        answered = {
            name
            for test in (*result.tests, *result.tries)
            if test.outcome is not Outcome.MISSING
            for name in (test.exercise, test.grade_id)
        }
        waiting = {
            test.grade_id
            for test in result.tests
            if test.outcome in (Outcome.NEEDS_MANUAL_GRADE, Outcome.GRADER_ERROR)
        }
        for cell in bundle.cells:
            if cell.is_solution:
                silent = (
                    cell.grade_id not in waiting
                    if cell.is_manual
                    else cell.exercise not in answered
                )
                comments[cell.grade_id].auto_comment = NO_RESPONSE if silent else None

    def _same(
        self, notebook: SubmittedNotebook, result: NotebookResult, same_time: bool
    ) -> tuple[bool, bool]:
        """Whether a result has the same files and the same course as the recorded scores."""
        query = select(ORIGINS).where(ORIGINS.c.notebook_id == notebook.id)
        origin = self.db.execute(query).first()
        if origin is None or not origin.handed_in:  # recorded by an older version
            return same_time, bool(result.handed_in)
        return origin.handed_in == result.handed_in, origin.source == result.source

    def _set_origin(self, notebook: SubmittedNotebook, result: NotebookResult) -> None:
        self.db.execute(delete(ORIGINS).where(ORIGINS.c.notebook_id == notebook.id))
        self.db.execute(
            insert(ORIGINS).values(
                notebook_id=notebook.id, handed_in=result.handed_in, source=result.source
            )
        )

    def _rows(self, kind: Any, notebook: SubmittedNotebook) -> dict[str, Any]:
        """The notebook's grades or comments, by the name of their cell."""
        rows = (
            self.db.query(kind, BaseCell.name)
            .join(BaseCell, BaseCell.id == kind.cell_id)
            .filter(kind.notebook_id == notebook.id)
        )
        return {name: row for row, name in rows}


def _latest(times: Iterable[HandInTime]) -> HandInTime:
    """The latest known time; without one, the first."""
    return max(times, key=lambda one: one.when or datetime.min)


def _auto_score(is_manual: bool, verdict: TestResult | None, overall: Outcome) -> float | None:
    """The automatic score of a cell; None leaves it to a person.

    As in nbgrader, an unanswered open question is worth zero without a person.
    """
    if verdict is None:
        nothing_there = overall in (Outcome.MISSING, Outcome.UNREADABLE)
        return 0.0 if nothing_there or (is_manual and overall is not Outcome.GRADER_ERROR) else None
    if verdict.outcome in (Outcome.GRADER_ERROR, Outcome.NEEDS_MANUAL_GRADE):
        return None
    return float(verdict.points)
