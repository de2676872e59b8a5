"""The known results of a class: the last ones, without grading, and the state of each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.grading.seeds import course_secret
from autograder.report.class_data import State
from autograder.report.plain_files import plain_files
from autograder.results import NotebookResult, StoredResult, TestResult
from autograder.runs.plan import Rules, digest_of, hand_in_of, missing_result
from autograder.submission.folder import HandedIn
from autograder.workers.cache import ResultStore

MAX_MESSAGE = 200  # characters of a message that are kept: nothing shows more


@dataclass(frozen=True)
class Known:
    """One student's results and their states, by notebook, and the files that were not used."""

    student: str
    results: dict[str, NotebookResult]
    states: dict[str, State]
    unused: tuple[str, ...]


def known_results(
    course: Course, assignment: str, bundles: Sequence[NotebookBundle], students: Sequence[str]
) -> Iterator[Known]:
    """The known results of students, one after the other. Reads each file once.

    The last result counts even if something changed since, so that a new version of the grader does
    not empty the report. Nothing is written into the course: archives are unpacked elsewhere, so a
    run that grades at the same time is not disturbed.
    """
    reader = _Reader(course, assignment, list(bundles))
    with tempfile.TemporaryDirectory(prefix="autograder-report-") as scratch:
        for student in students:
            yield reader.known(student, Path(scratch) / "unpacked")


class _Reader:
    def __init__(self, course: Course, assignment: str, bundles: list[NotebookBundle]) -> None:
        self._course = course
        self._assignment = assignment
        self._store = ResultStore(course)
        self._secret = course_secret(course)
        self._bundles = bundles
        self._rules: dict[str, Rules] = {}
        self._default = self._rules_of(course.settings.sandbox)

    def _rules_of(self, sandbox: str) -> Rules:
        """The rules of a run with this isolation, which is a part of each result's key."""
        if sandbox not in self._rules:
            self._rules[sandbox] = Rules.of(self._course, self._bundles, self._secret, sandbox)
        return self._rules[sandbox]

    def known(self, student: str, scratch: Path) -> Known:
        """The results of a student, and whether the files changed since."""
        stored = {
            bundle.name: self._store.last(self._assignment, student, bundle.name)
            for bundle in self._bundles
        }
        return self._unchanged(student, stored) or self._sorted(student, stored, scratch)

    def _unchanged(self, student: str, stored: Mapping[str, StoredResult | None]) -> Known | None:
        """The results if plain files prove that nothing changed, without parsing a notebook.

        A key covers the files of a notebook, their names and all notes on other files. If plain
        files without notes give the stored key, they are the files that were graded.
        """
        files = plain_files(self._course.submitted / student / self._assignment, self._bundles)
        if files is None:
            return None
        found = Known(student, {}, {}, ())
        for bundle in self._bundles:
            data, one = files.notebooks.get(bundle.name), stored[bundle.name]
            if data is None:
                nothing = HandedIn()
                found.results[bundle.name] = missing_result(self._default, student, nothing, bundle)
                found.states[bundle.name] = State.MISSING
                continue
            if one is None or one.key != self._key(bundle.name, one, files.digest(data)):
                return None
            found.results[bundle.name] = slim(one.result)
            found.states[bundle.name] = State.CURRENT
        return found

    def _sorted(
        self, student: str, stored: Mapping[str, StoredResult | None], scratch: Path
    ) -> Known:
        """The results, with all files read and sorted as for grading."""
        handed_in = hand_in_of(self._course, self._assignment, student, self._bundles, scratch)
        found = Known(student, {}, {}, tuple(file.note for file in handed_in.unused))
        for bundle in self._bundles:
            name, one = bundle.name, stored[bundle.name]
            if name not in handed_in.notebooks:
                found.results[name] = missing_result(self._default, student, handed_in, bundle)
                found.states[name] = State.MISSING
                continue
            found.states[name] = self._state(handed_in, name, one)
            if one is not None:
                found.results[name] = slim(one.result)
        return found

    def _key(
        self, notebook: str, stored: StoredResult, files: str, notes: tuple[str, ...] = ()
    ) -> str:
        """The key that the stored result would get for these files today."""
        rules = self._rules_of(stored.result.sandbox or self._course.settings.sandbox)
        return rules.key(notebook, files, notes)

    def _state(self, handed_in: HandedIn, name: str, stored: StoredResult | None) -> State:
        if stored is None:
            return State.NEVER
        files = digest_of(handed_in, name)
        if stored.key == self._key(name, stored, files, handed_in.notes):
            return State.CURRENT
        return State.COURSE_CHANGED if stored.result.handed_in == files else State.FILES_CHANGED


def slim(result: NotebookResult) -> NotebookResult:
    """The result without pages, outputs and visible tests, which a class has no memory for."""
    return replace(
        result, tests=tuple(map(_slim_test, result.tests)), tries=(), outputs={}, stops=()
    )


def _slim_test(test: TestResult) -> TestResult:
    return replace(test, html="", printed="", message=test.message[:MAX_MESSAGE])
