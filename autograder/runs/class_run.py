"""Grade a class: find the hand-ins, grade changed notebooks, record each student as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import UnreadableSubmission, UsageError
from autograder.grading.grader import course_secret
from autograder.grading.notebook import read_submission, without_verdict
from autograder.nbgrader_api.database import check_database
from autograder.pages.autograded import write_autograded
from autograder.records.changes import Change, changes
from autograder.records.gradebook import handed_in_at, record, time_doubt
from autograder.results import NotebookResult, Outcome
from autograder.runs.cache import (
    ResultStore,
    engine_digest,
    files_digest,
    result_key,
    source_digest,
)
from autograder.runs.lock import alone
from autograder.runs.log import RunLog
from autograder.runs.pool import Pool
from autograder.runs.worker import Task, Work
from autograder.sandbox.affinity import usable_cores
from autograder.sandbox.view import refuse_exposed
from autograder.submission.folder import HandedIn, sort_files
from autograder.submission.notebook import read_file
from autograder.submission.own_pictures import show_beside
from autograder.submission.student_folders import OddFolder, StudentFolders, student_folders
from autograder.submission.unused_files import MAX_TOLD, UnusedFile


@dataclass(frozen=True)
class Progress:
    """The progress of a run: finished notebooks, all notebooks, and the notebooks in work."""

    done: int
    total: int
    current: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilesReport:
    """Handed-in files without a use, by student, and folders with nearly the right name."""

    unused: dict[str, tuple[UnusedFile, ...]]
    odd: tuple[OddFolder, ...]


@dataclass
class _Student:
    """One student's part of a run."""

    name: str
    handed_in: HandedIn
    results: dict[str, NotebookResult] = field(default_factory=dict)

    def task(self, notebook: str) -> Task:
        """A handed-in notebook, read again, because the files of a class do not fit into memory."""
        file = self.handed_in.choices[notebook].file
        beside = self.handed_in.modules_beside(notebook) | self.handed_in.weights_beside(notebook)
        files = {place: path.read_bytes() for place, path in beside.items()}
        data = read_file(file.path)
        return Task(self.name, notebook, file.label, data, files, self.handed_in.notes)


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
        on_changes: Callable[[list[Change]], None] | None = None,
        on_files: Callable[[FilesReport], None] | None = None,
    ) -> list[NotebookResult]:
        """All results, by student and notebook; writes autograded notebooks and the gradebook.

        Each result is stored at once, and each student is recorded as a whole, so an interrupted
        run continues from there. With ``force``, nothing is written before all notebooks are graded
        and ``on_changes`` has received the changes. Without it, ``on_changes`` receives at the end
        the changed points of unchanged files, which come from another version of the engine or the
        course. ``on_files`` receives the unused files. The run is logged, see ``runs.log``.

        Raises UsageError if there is no hand-in or another run is active, SandboxUnavailable if
        this machine cannot isolate submissions, ExposedFiles if a submission could read the course,
        GradebookError and DiskError if writing fails.
        """
        if (self.sandbox or self.course.settings.sandbox) != "process":
            refuse_exposed(self.course)
        bundles = load_assignment(self.course, self.assignment)
        folders = student_folders(self.course, self.assignment)
        names = self._names(folders)
        check_database(self.course.gradebook)
        with alone(self.course, self.assignment), RunLog(self.course) as log:
            students = [self._open(name, bundles) for name in names]
            if on_files is not None:
                on_files(self._files_report(students, folders))
            return self._grade(bundles, students, log, on_progress, on_changes)

    def _grade(
        self,
        bundles: list[NotebookBundle],
        students: list[_Student],
        log: RunLog,
        on_progress: Callable[[Progress], None] | None,
        on_changes: Callable[[list[Change]], None] | None,
    ) -> list[NotebookResult]:
        sandbox = self.sandbox or self.course.settings.sandbox
        secret = course_secret(self.course)
        store = ResultStore(self.course)
        digests = {bundle.name: source_digest(bundle) for bundle in bundles}
        engine, settings = engine_digest(), repr(self.course.settings.of_grading())
        for student in students:
            student.results = {
                notebook: replace(result, handed_in=files_digest(b"", {}), source=digests[notebook])
                for notebook, result in student.results.items()  # of missing notebooks
            }
        keys: dict[tuple[str, str], str] = {}
        made_from: dict[tuple[str, str], str] = {}  # digests of files
        graded_before: set[tuple[str, str]] = set()  # the same files, perhaps with other rules
        graded_again: list[NotebookResult] = []
        changed: list[Change] = []
        waiting: list[tuple[_Student, str]] = []
        for student in students:
            for notebook in student.handed_in.notebooks:
                task = student.task(notebook)
                files = files_digest(task.data, task.files)
                made_from[student.name, notebook] = files
                key = result_key(
                    engine, digests[notebook], secret, sandbox, settings, files, repr(task.notes)
                )
                keys[student.name, notebook] = key
                before = store.files_of(self.assignment, student.name, notebook)
                if before in ("", files):
                    graded_before.add((student.name, notebook))
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
            if self.force or len(student.results) < len(bundles):
                return
            if again := [result for result in graded_again if result.student == student.name]:
                changed.extend(changes(self.course, bundles, again))
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
                    of = task.student, task.notebook
                    result = replace(result, handed_in=made_from[of], source=digests[task.notebook])
                    if of in graded_before:
                        graded_again.append(result)
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
        elif graded_again and on_changes is not None:
            on_changes(changed)
        return [student.results[b.name] for student in students for b in bundles]

    def _names(self, folders: StudentFolders) -> list[str]:
        if unknown := set(self.students) - set(folders.students):
            raise UsageError(f"no submission of {self.assignment} by {', '.join(sorted(unknown))}")
        chosen = [name for name in folders.students if not self.students or name in self.students]
        if not chosen:
            near = [one.path for one in folders.odd[:MAX_TOLD]]
            raise UsageError(
                f"there is no submission of {self.assignment}: {self.course.submitted} holds no "
                f"STUDENT/{self.assignment} folder"
                + (f" (there: {', '.join(near)})" if near else "")
            )
        return chosen

    def _files_report(self, students: list[_Student], folders: StudentFolders) -> FilesReport:
        unused = {one.name: one.handed_in.unused for one in students if one.handed_in.unused}
        odd = [one for one in folders.odd if not self.students or one.student in self.students]
        return FilesReport(unused, tuple(odd))

    def _open(self, name: str, bundles: list[NotebookBundle]) -> _Student:
        folder = self.course.submitted / name / self.assignment
        scratch = self.course.state / "unpacked" / self.assignment / name
        student = _Student(name, sort_files(folder, bundles, scratch))
        handed_in = student.handed_in
        for bundle in bundles:
            if bundle.name not in handed_in.notebooks:
                reason = f"{bundle.name} was not handed in."
                result = without_verdict(bundle, name, Outcome.MISSING, reason)
                notes = (*result.notes, *handed_in.notes)  # the notes may explain why it is missing
                student.results[bundle.name] = replace(result, notes=notes)
        return student

    def _record(self, student: _Student, bundles: list[NotebookBundle]) -> None:
        pictures = student.handed_in.pictures_by_name()
        doubt = time_doubt(self.course, self.assignment, student.name)
        for name, result in student.results.items():
            student.results[name] = replace(result, time_doubt=doubt)
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
                    pass  # the result gives the reason
            write_autograded(self.course, bundle, notebook, result, placement)
        self._date(student)
        record(self.course, bundles, student.results.values())

    def _date(self, student: _Student) -> None:
        """Note the time of the hand-in; nbgrader compares it to find old feedback pages."""
        path = self.course.autograded / student.name / self.assignment / "timestamp.txt"
        when = handed_in_at(self.course, self.assignment, student.name).when
        if when is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, f"{when:%Y-%m-%d %H:%M:%S.%f} UTC\n")
