"""Mistakes that show when the hidden tests run: on the reference, and on each misconception."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import autograder
from autograder.course.layout import Course
from autograder.course.misconceptions import WrongAnswer, load_bank
from autograder.course.source import NotebookBundle, SourceCell, course_mistake
from autograder.files.digests import PartsDigest
from autograder.mistakes.lesson import named
from autograder.results import TestResult

_log = logging.getLogger(__name__)
_NO_RESULT = re.compile(r"'(\w+)' object has no attribute 'worth'")
_MAX_WORDS = 600  # characters of a check's own message


def running_mistakes(
    course: Course,
    bundles: list[NotebookBundle],
    modules: Mapping[Path, bytes],
    weights: Mapping[str, bytes],
    judged: bytes = b"",
) -> list[str]:
    """The mistakes that a run of the hidden tests shows, in this process.

    The reference must earn all points, each misconception must lose some, and a test must give the
    points of its header. ``modules`` are the new reference modules, by path in the course;
    ``weights`` are the reference's files of weights. ``judged`` is the text of an earlier
    ``judged_exercises``: exercises that have not changed since are not run again.
    """
    found: list[str] = []
    before = _read(judged)
    for bundle in bundles:
        known = before.get(bundle.name, {})
        bank = load_bank(bundle)
        new = {name for name, key in _keys(bundle, bank, modules).items() if known.get(name) != key}
        if not new:
            continue
        tests = [cell for cell in bundle.tests if cell.exercise in new]
        wrong = [one for one in bank if one.exercise in new]
        _log.info("%s: %d tests and %d misconceptions", bundle.name, len(tests), len(wrong))
        with _reference_code(course, modules), _folder_with(weights):
            run = _Run(bundle)
            found += run.mistakes_of_tests(tests)
            found += run.mistakes_of_bank(wrong)
    return found


def judged_exercises(bundles: list[NotebookBundle], modules: Mapping[Path, bytes]) -> bytes:
    """The text of a file that tells which tests and misconceptions a release has found right.

    It holds a digest for each exercise: of its tests, its misconceptions, and the code that they
    use, without weights. It belongs to the release, so that a fresh copy of a course need not run
    them again.
    """
    keys = {bundle.name: _keys(bundle, load_bank(bundle), modules) for bundle in bundles}
    return (json.dumps(keys, indent=1, sort_keys=True) + "\n").encode()


def _read(judged: bytes) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(judged or b"{}")
    except ValueError:
        return {}
    is_table = isinstance(found, dict) and all(isinstance(one, dict) for one in found.values())
    return found if is_table else {}


def _keys(
    bundle: NotebookBundle, bank: list[WrongAnswer], modules: Mapping[Path, bytes]
) -> dict[str, str]:
    """A digest for each exercise of a notebook."""
    base = PartsDigest(autograder.__version__, bundle.setup)
    for answer in bundle.answers:
        base.add(answer.solution)
    private = bundle.path.parent / "private"
    for path in sorted(one for one in private.rglob("*") if one.is_file()):
        base.add(path.name)
        base.add(path.read_bytes())
    found = {}
    for exercise in {*(cell.exercise for cell in bundle.tests), *(one.exercise for one in bank)}:
        digest = base.copy()
        for cell in bundle.tests:
            if cell.exercise == exercise:
                for part in (cell.grade_id, f"{cell.points:g}", cell.source):
                    digest.add(part)
                for path, data in sorted(modules.items()):
                    if path.stem in cell.source:
                        digest.add(data)
        for wrong in bank:
            if wrong.exercise == exercise:
                digest.add(wrong.id)
                digest.add(wrong.code)
        found[exercise] = digest.hex[:16]
    return found


class _Run:
    """The notebook's setup and answers in this process. ``failed`` names what has a mistake."""

    def __init__(self, bundle: NotebookBundle) -> None:
        self.failed: set[str] = set()
        self._bundle = bundle

    def mistakes_of_tests(self, cells: list[SourceCell]) -> Iterator[str]:
        """Tests that give other points than their headers, or the reference less than all."""
        names, said = self._names({})
        if said:
            self.failed |= {cell.grade_id for cell in cells}
            yield said
            return
        for cell in cells:
            if mistake := self._of_reference(cell, self._result(cell, names)):
                self.failed.add(cell.grade_id)
                yield course_mistake(self._bundle, cell, mistake)

    def mistakes_of_bank(self, bank: list[WrongAnswer]) -> Iterator[str]:
        """Misconceptions that lose no points, or that end their test."""
        bad = {cell.exercise for cell in self._bundle.tests if cell.grade_id in self.failed}
        for wrong in bank:
            tests = [cell for cell in self._bundle.tests if cell.exercise == wrong.exercise]
            if wrong.exercise in bad:  # the mistake of the test is told already
                self.failed.add(wrong.id)
            elif tests and (mistake := self._of_wrong(wrong, tests)):
                self.failed.add(wrong.id)
                yield f"{_bank_of(self._bundle, wrong)} ({wrong.id}): {mistake}"

    def _of_reference(self, cell: SourceCell, result: TestResult) -> str:
        if found := _NO_RESULT.search(f"{result.mistake} {result.log}"):
            return (
                f"its function test returns {found[1]}; it has to return check(...) or award(...)"
            )
        if result.mistake:
            return result.mistake + _line(cell, result.log)
        if result.points >= cell.points or self._bundle.answer_for(cell.exercise) is None:
            return ""  # a test without an answer of its own depends on files and other answers
        words = result.message.strip()[:_MAX_WORDS]
        return (
            f"the reference earns {result.points:g} of {cell.points:g} points. Correct the check, "
            f"or the answer {cell.exercise}. The check says:\n  " + words.replace("\n", "\n  ")
        )

    def _of_wrong(self, wrong: WrongAnswer, tests: list[SourceCell]) -> str:
        names, said = self._names({wrong.exercise: wrong.code})
        if said:
            return f"its code cannot be run: {said}"
        results = [self._result(cell, names, explains=False) for cell in tests]
        if mistake := next((one.mistake for one in results if one.mistake), ""):
            return f"its answer ends the check: {mistake}"
        if missing := next((one.missing_name for one in results if one.missing_name), ""):
            return (
                f"its answer uses {missing}, which nothing defines, so it shows no mistake of a "
                "student. Correct its code or the text that its patch puts in"
            )
        if all(one.points >= one.max_points for one in results):
            return (
                "it breaks nothing: its answer earns all points. Change its patch, or add a group "
                "of cases to the check that shows the mistake"
            )
        return ""

    def _names(self, wrong: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """The notebook's names after its setup and answers; the words for an exception of theirs.

        ``wrong`` holds other answers, by exercise.
        """
        names: dict[str, Any] = {"__name__": "__main__"}
        cells = [cell for cell in self._bundle.cells if "setup" in cell.tags or cell.is_answer]
        for cell in cells:
            code = wrong.get(cell.exercise, cell.solution) if cell.is_answer else cell.source
            try:
                exec(compile(code, f"<{cell.grade_id or 'setup'}>", "exec"), names)
            except Exception as error:
                where = f"{named(self._bundle.path)} ({cell.grade_id or 'setup'})"
                return names, f"{where}: it raises {type(error).__name__}: {error}"
        return names, ""

    def _result(
        self, cell: SourceCell, names: Mapping[str, Any], explains: bool = True
    ) -> TestResult:
        from autograder.checks import CheckContext  # these imports load torch
        from autograder.grading.test_cell import TestCell

        setup: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self._bundle.setup, "<setup>", "exec"), setup)
        context = CheckContext(explains=explains)
        with warnings.catch_warnings():  # a wrong answer may warn; the author asked for a verdict
            warnings.simplefilter("ignore")
            return TestCell(cell).run(setup, names.__getitem__, context)


def _bank_of(bundle: NotebookBundle, wrong: WrongAnswer) -> str:
    folder = bundle.path.parent
    newer = folder / "exercises" / wrong.exercise / "misconceptions.toml"
    older = folder / "misconceptions" / f"{wrong.exercise}.toml"
    return named(older if older.is_file() and not newer.is_file() else newer)


def _line(cell: SourceCell, log: str) -> str:
    """The line of the check that a traceback ends in, in words; empty if there is none."""
    marks = [line for line in log.splitlines() if f'File "<{cell.grade_id}>", line ' in line]
    if not marks or cell.check is None:
        return ""
    number = int(marks[-1].partition(", line ")[2].partition(",")[0])
    text = cell.source.splitlines()[number - 1]
    lines = cell.check.read_text(encoding="utf-8").splitlines()
    found = [at for at, line in enumerate(lines, 1) if line == text]
    return f"\n  line {found[0]}: {text.strip()}" if len(found) == 1 else f"\n  {text.strip()}"


@contextlib.contextmanager
def _reference_code(course: Course, modules: Mapping[Path, bytes]) -> Iterator[None]:
    """Let tests import ``solutions`` as it will be after the release."""
    before = {name: module for name, module in sys.modules.items() if _is_solutions(name)}
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "source").symlink_to(course.source, target_is_directory=True)
        for path, data in modules.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        for other in sorted(course.solutions.glob("*/")):
            if not (root / course.solutions.name / other.name).exists():
                (root / course.solutions.name / other.name).symlink_to(other)
        _forget_solutions()
        sys.path.insert(0, scratch)
        try:
            yield
        finally:
            sys.path.remove(scratch)
            _forget_solutions()
            sys.modules.update(before)


def _is_solutions(name: str) -> bool:
    return name.partition(".")[0] == "solutions"


def _forget_solutions() -> None:
    for name in [name for name in sys.modules if _is_solutions(name)]:
        del sys.modules[name]


@contextlib.contextmanager
def _folder_with(files: Mapping[str, bytes]) -> Iterator[None]:
    """Work in an empty folder with these files."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, data in files.items():
            Path(name).write_bytes(data)
        yield
