"""Grade a class: find what was handed in, grade what changed, record each student as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from autograder.autograded import write_autograded
from autograder.bundle import NotebookBundle, load_assignment
from autograder.cores import usable_cores
from autograder.course import Course
from autograder.database import check_database
from autograder.errors import UnreadableSubmission, UsageError
from autograder.gradebook import handed_in_at, record
from autograder.grading import read_submission, without_verdict
from autograder.grading_lock import alone
from autograder.handed_in import HandedIn, read_file, sort_files
from autograder.own_pictures import pictures_beside, show_beside
from autograder.pool import Pool
from autograder.regrade import Change, changes
from autograder.result_store import ResultStore, engine_digest, result_key, source_digest
from autograder.results import NotebookResult, Outcome
from autograder.run_log import RunLog
from autograder.trusted import course_secret
from autograder.whole_file import write_whole
from autograder.worker import Task, Work


@dataclass(frozen=True)
class Progress:
    """How far a run is: notebooks done of all, and who is being graded now."""

    done: int
    total: int
    current: tuple[str, ...] = ()


@dataclass
class _Student:
    """One student's part of a run."""

    name: str
    handed_in: HandedIn
    results: dict[str, NotebookResult] = field(default_factory=dict)

    def task(self, notebook: str) -> Task:
        """A notebook that was handed in, read afresh: a class's files do not fit into memory."""
        path = self.handed_in.notebooks[notebook]
        files = {file.name: file.read_bytes() for file in self.handed_in.files}
        notes = self.handed_in.notes
        return Task(self.name, notebook, path.name, read_file(path), files, notes)


@dataclass(frozen=True)
class ClassRun:
    """Grades one assignment of a course.

    ``students`` restricts it to some; ``force`` grades again what did not change.
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
        on_changes: Callable[[list[Change]], None] | None = None,
    ) -> list[NotebookResult]:
        """All results, by student and notebook; autograded notebooks and gradebook are written.

        Each result is stored as it comes, and each student recorded as a whole, so an interrupted
        run goes on where it was. With ``force`` nothing is written before all is graded and
        ``on_changes`` was told what will change. The run is logged, see ``run_log``.

        Raises UsageError when nothing was handed in or another run is under way,
        SandboxUnavailable when this machine cannot isolate, GradebookError and DiskError when
        something cannot be written.
        """
        bundles = load_assignment(self.course, self.assignment)
        names = self._names()
        check_database(self.course.gradebook)
        with alone(self.course, self.assignment), RunLog(self.course) as log:
            return self._grade(bundles, names, log, on_progress, on_changes)

    def _grade(
        self,
        bundles: list[NotebookBundle],
        names: list[str],
        log: RunLog,
        on_progress: Callable[[Progress], None] | None,
        on_changes: Callable[[list[Change]], None] | None,
    ) -> list[NotebookResult]:
        sandbox = self.sandbox or self.course.settings.sandbox
        secret = course_secret(self.course)
        store = ResultStore(self.course)
        digests = {bundle.name: source_digest(bundle) for bundle in bundles}
        engine = engine_digest()
        students = [self._open(name, bundles) for name in names]
        keys: dict[tuple[str, str], str] = {}
        waiting: list[tuple[_Student, str]] = []
        for student in students:
            for notebook in student.handed_in.notebooks:
                task = student.task(notebook)
                key = result_key(
                    engine, digests[task.notebook], secret, sandbox, repr(self.course.settings),
                    task.data, repr(sorted(task.files.items())), repr(task.notes),
                )  # fmt: skip
                keys[student.name, task.notebook] = key
                known = store.load(self.assignment, student.name, task.notebook, key)
                if known is not None and not self.force:
                    student.results[task.notebook] = known
                else:
                    waiting.append((student, notebook))
        by_name = {student.name: student for student in students}
        total = len(waiting)

        def keep(result: NotebookResult) -> None:
            if result.outcome is not Outcome.GRADER_ERROR:
                store.save(result, keys[result.student, result.notebook])

        def record_if_whole(student: _Student) -> None:
            if not self.force and len(student.results) == len(bundles):
                self._record(student, bundles)

        for student in students:
            record_if_whole(student)
        if waiting:
            work = Work(self.course.root, self.course.settings, sandbox, tuple(bundles), secret)
            count = self.workers or self.course.settings.workers or len(usable_cores())
            done = 0

            def report(current: list[Task]) -> None:
                if on_progress is not None:
                    now = tuple(f"{task.student}/{task.notebook}" for task in current)
                    on_progress(Progress(done, total, now))

            with Pool(work, min(count, total), log.lost) as pool:
                tasks = (student.task(notebook) for student, notebook in waiting)
                for task, result in pool.grade(tasks, report):
                    log.graded(result)
                    student = by_name[task.student]
                    student.results[task.notebook] = result
                    done += 1
                    if not self.force:
                        keep(result)
                    record_if_whole(student)
                    report([])
        results = [student.results[b.name] for student in students for b in bundles]
        if self.force:
            if on_changes is not None:
                on_changes(changes(self.course, bundles, results))
            for student, notebook in waiting:
                keep(student.results[notebook])
            for student in students:
                self._record(student, bundles)
        return results

    def _names(self) -> list[str]:
        folders = sorted(self.course.submitted.glob(f"*/{self.assignment}"))
        names = [folder.parent.name for folder in folders if folder.is_dir()]
        unknown = set(self.students) - set(names)
        if unknown:
            raise UsageError(f"no submission of {self.assignment} by {', '.join(sorted(unknown))}")
        chosen = [name for name in names if not self.students or name in self.students]
        if not chosen:
            raise UsageError(
                f"nobody has handed in {self.assignment}: {self.course.submitted} holds no "
                f"STUDENT/{self.assignment} folder"
            )
        return chosen

    def _open(self, name: str, bundles: list[NotebookBundle]) -> _Student:
        folder = self.course.submitted / name / self.assignment
        scratch = self.course.state / "unpacked" / self.assignment / name
        student = _Student(name, sort_files(folder, bundles, scratch))
        handed_in = student.handed_in
        for bundle in bundles:
            if bundle.name not in handed_in.notebooks:
                reason = f"{bundle.name} was not handed in."
                result = without_verdict(bundle, name, Outcome.MISSING, reason)
                notes = (*result.notes, *handed_in.notes)  # they may say what became of it
                student.results[bundle.name] = replace(result, notes=notes)
        return student

    def _record(self, student: _Student, bundles: list[NotebookBundle]) -> None:
        folder = self.course.submitted / student.name / self.assignment
        unpacked = self.course.state / "unpacked" / self.assignment / student.name
        pictures = pictures_beside((folder, unpacked))
        for bundle in bundles:
            path = student.handed_in.notebooks.get(bundle.name)
            result = student.results[bundle.name]
            notebook, placement = None, {}
            if path is not None:
                try:
                    submission = read_submission(read_file(path), bundle, {})
                    notebook, placement = submission.notebook, submission.placement
                    show_beside(notebook, pictures)
                except UnreadableSubmission:
                    pass  # the result says so
            write_autograded(self.course, bundle, notebook, result, placement)
        self._date(student)
        record(self.course, bundles, student.results.values())

    def _date(self, student: _Student) -> None:
        """Note when it was handed in; by that nbgrader sees whether a feedback page is old."""
        path = self.course.autograded / student.name / self.assignment / "timestamp.txt"
        when = handed_in_at(self.course, self.assignment, student.name)
        if when is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, f"{when:%Y-%m-%d %H:%M:%S.%f} UTC\n")
