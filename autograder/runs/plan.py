"""The plan of a run: the handed-in notebooks, known results, and notebooks to be graded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import UsageError
from autograder.files.digests import files_digest
from autograder.files.student_folders import OddFolder, StudentFolders
from autograder.files.unused_files import MAX_TOLD, UnusedFile
from autograder.grading.notebook import without_verdict
from autograder.notebooks.notebook import NotebookContent, read_content, read_file
from autograder.results import NotebookResult, Outcome
from autograder.submission.folder import HandedIn, sort_files
from autograder.submission.submission import Submission
from autograder.workers.cache import ResultStore, engine_digest, result_key, source_digest
from autograder.workers.shelf import Shelf
from autograder.workers.worker import Task

NO_FILES = files_digest(b"", {})  # the digest of files of a notebook that is missing


@dataclass(frozen=True)
class FilesReport:
    """Files that were not used, by student, and folders with names that are nearly right."""

    unused: dict[str, tuple[UnusedFile, ...]]
    odd: tuple[OddFolder, ...]


@dataclass(frozen=True)
class PlannedNotebook:
    """A notebook that was handed in. Its result is stored under ``key``.

    ``files`` is the digest of the files that it is graded from. ``was_graded`` says that the same
    files have a stored result, perhaps of another engine or course.
    """

    student: str
    notebook: str
    files: str
    key: str
    was_graded: bool


@dataclass
class PlannedStudent:
    """One student's part of a run, with the results that are known so far, by notebook."""

    name: str
    handed_in: HandedIn
    notebooks: dict[str, PlannedNotebook] = field(default_factory=dict)
    results: dict[str, NotebookResult] = field(default_factory=dict)
    graded_again: list[NotebookResult] = field(default_factory=list)  # of files known before


@dataclass(frozen=True)
class Rules:
    """The inputs of a verdict besides the submitted files."""

    bundles: tuple[NotebookBundle, ...]
    sources: dict[str, str]  # the digest of each notebook's source
    secret: bytes
    sandbox: str
    settings: str
    engine: str

    @classmethod
    def of(
        cls, course: Course, bundles: list[NotebookBundle], secret: bytes, sandbox: str
    ) -> Rules:
        """The rules of a course and of this version of the engine."""
        sources = {bundle.name: source_digest(bundle) for bundle in bundles}
        settings = repr(course.settings.of_grading())
        return cls(tuple(bundles), sources, secret, sandbox, settings, engine_digest())

    def key(self, notebook: str, files: str, notes: tuple[str, ...]) -> str:
        """The key of the result on some files, by their digest."""
        source = self.sources[notebook]
        return result_key(
            self.engine, source, self.secret, self.sandbox, self.settings, files, repr(notes)
        )


class Plan:
    """All students of a run, in order.

    Submitted notebooks stay in memory from here until they are recorded, if there is room for them
    (see ``Shelf``): all files of a class may be more than the memory holds.
    """

    def __init__(self, students: list[PlannedStudent], files: FilesReport, shelf: Shelf) -> None:
        self.students = students
        self.files = files
        self._shelf = shelf
        self._by_name = {student.name: student for student in students}

    @property
    def waiting(self) -> list[PlannedNotebook]:
        """The notebooks without a result."""
        return [
            notebook
            for student in self.students
            for notebook in student.notebooks.values()
            if notebook.notebook not in student.results
        ]

    def student(self, name: str) -> PlannedStudent:
        """The student of this name."""
        return self._by_name[name]

    def task(self, planned: PlannedNotebook) -> Task:
        """A notebook that has to be graded, with the files beside it, which are read now."""
        handed_in = self.student(planned.student).handed_in
        name = planned.notebook
        choice = handed_in.choices[name].file
        found = self._shelf.take(planned.student, name)
        data = found if isinstance(found, NotebookContent) else read_file(choice.path)
        files = _bytes_of(_beside(handed_in, name))
        return Task(planned.student, name, choice.label, data, files, handed_in.notes)

    def keep(self, student: str, notebook: str, submission: Submission) -> None:
        """Keep a submission until it is recorded, if there is room."""
        self._shelf.put(student, notebook, submission)

    def take(self, student: str, notebook: str) -> NotebookContent | Submission | None:
        """A submitted notebook, read again only if it was not kept; None if it is missing."""
        path = self.student(student).handed_in.notebooks.get(notebook)
        if path is None:
            return None
        return self._shelf.take(student, notebook) or read_content(read_file(path))


class Planner:
    """Makes the plan of a run."""

    def __init__(self, course: Course, assignment: str, rules: Rules, is_forced: bool) -> None:
        self._course = course
        self._assignment = assignment
        self._rules = rules
        self._is_forced = is_forced
        self._store = ResultStore(course)
        self._shelf = Shelf()

    def plan(self, names: list[str], odd: Iterable[OddFolder] = ()) -> Plan:
        """The plan for some students; ``odd`` are folders to report. Reads each file once.

        With force, no stored result counts. Raises DiskError if an archive cannot be unpacked.
        """
        students = [self._student(name) for name in names]
        unused = {one.name: one.handed_in.unused for one in students if one.handed_in.unused}
        return Plan(students, FilesReport(unused, tuple(odd)), self._shelf)

    def _student(self, name: str) -> PlannedStudent:
        scratch = self._course.state / "unpacked" / self._assignment / name
        handed_in = hand_in_of(self._course, self._assignment, name, self._rules.bundles, scratch)
        student = PlannedStudent(name, replace(handed_in, read={}))
        for bundle in self._rules.bundles:
            if bundle.name in handed_in.notebooks:
                self._notebook(student, bundle.name, handed_in)
            else:
                student.results[bundle.name] = missing_result(
                    self._rules, name, student.handed_in, bundle
                )
        return student

    def _notebook(self, student: PlannedStudent, name: str, handed_in: HandedIn) -> None:
        files = digest_of(handed_in, name)
        key = self._rules.key(name, files, handed_in.notes)
        stored = self._store.find(self._assignment, student.name, name, key)
        was_graded = stored.files in ("", files)
        student.notebooks[name] = PlannedNotebook(student.name, name, files, key, was_graded)
        if stored.result is not None and not self._is_forced:
            student.results[name] = stored.result
        if (content := handed_in.read[name].content) is not None:
            self._shelf.put(student.name, name, content)


def hand_in_of(
    course: Course,
    assignment: str,
    student: str,
    bundles: Sequence[NotebookBundle],
    scratch: Path,
) -> HandedIn:
    """A student's files, by their use; archives are unpacked into ``scratch``, emptied before."""
    return sort_files(course.submitted / student / assignment, list(bundles), scratch)


def digest_of(handed_in: HandedIn, notebook: str) -> str:
    """The digest of the files that a notebook is graded from, as long as they are in memory."""
    return files_digest(handed_in.read[notebook].digest, _bytes_of(_beside(handed_in, notebook)))


def missing_result(
    rules: Rules, student: str, handed_in: HandedIn, bundle: NotebookBundle
) -> NotebookResult:
    """The result of a notebook that was not handed in."""
    reason = f"{bundle.name} was not handed in."
    result = without_verdict(bundle, student, Outcome.MISSING, reason)
    notes = (*result.notes, *handed_in.notes)  # a note may name the notebook's file
    return replace(result, notes=notes, handed_in=NO_FILES, source=rules.sources[bundle.name])


def chosen_students(
    course: Course, assignment: str, wanted: tuple[str, ...], folders: StudentFolders
) -> list[str]:
    """The students of a run: the wanted students, or all of them.

    Raises UsageError if one of them has no submission, or if there is no submission at all.
    """
    if unknown := set(wanted) - set(folders.students):
        raise UsageError(f"no submission of {assignment} by {', '.join(sorted(unknown))}")
    names = [name for name in folders.students if not wanted or name in wanted]
    if not names:
        near = [one.path for one in folders.odd[:MAX_TOLD]]
        raise UsageError(
            f"there is no submission of {assignment}: {course.submitted} holds no "
            f"STUDENT/{assignment} folder" + (f" (there: {', '.join(near)})" if near else "")
        )
    return names


def _beside(handed_in: HandedIn, notebook: str) -> dict[str, Path]:
    return handed_in.modules_beside(notebook) | handed_in.weights_beside(notebook)


def _bytes_of(files: dict[str, Path]) -> dict[str, bytes]:
    return {place: path.read_bytes() for place, path in files.items()}
