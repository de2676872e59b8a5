"""The trusted side of a notebook: its setup, its tests, its misconceptions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType
from typing import Any

from autograder.checks import CheckContext, Misconception
from autograder.course.misconceptions import WrongAnswer, joined, load_bank
from autograder.course.source import NotebookBundle
from autograder.grading.test_cell import TestCell
from autograder.lesson.reading import NOTHING, Reading, readings


@dataclass(frozen=True)
class TrustedNotebook:
    """A notebook's tests and tries, ready to run in this process."""

    bundle: NotebookBundle
    setup: dict[str, Any]
    setup_code: CodeType
    tests: tuple[TestCell, ...]
    tries: tuple[TestCell, ...]
    misconceptions: dict[str, tuple[Misconception, ...]]  # by exercise
    joiner: Joiner
    readings: dict[str, Reading]  # by exercise

    @classmethod
    def load(cls, bundle: NotebookBundle, course_root: Path) -> TrustedNotebook:
        """Run the setup cells and build the bank. Test cells may then import ``solutions``."""
        if str(course_root) not in sys.path:
            sys.path.insert(0, str(course_root))
        code = compile(bundle.setup, f"<setup of {bundle.name}>", "exec")
        setup = _executed(code)
        reference = dict(setup)
        for answer in bundle.answers:
            exec(compile(answer.solution, f"<reference {answer.grade_id}>", "exec"), reference)
        bank = load_bank(bundle)
        return cls(
            bundle,
            setup,
            code,
            tuple(TestCell(cell) for cell in bundle.tests),
            tuple(TestCell(cell) for cell in bundle.tries),
            _by_exercise(bank, reference),
            Joiner(bundle, {wrong.id: wrong for wrong in bank}, reference),
            readings(bundle.cells),
        )

    def testing(self, exercises: Collection[str]) -> TrustedNotebook:
        """The same notebook with the tests of these exercises only, and without tries."""
        tests = tuple(test for test in self.tests if test.cell.exercise in exercises)
        return replace(self, tests=tests, tries=())

    @property
    def in_order(self) -> list[TestCell]:
        """Tests and tries, in the order of the source."""
        return sorted((*self.tests, *self.tries), key=lambda test: test.cell.index)

    def fresh_setup(self) -> dict[str, Any]:
        """The names of the setup cells, made anew, so that no test sees changes by another."""
        return _executed(self.setup_code)

    def student_names(self, test: TestCell) -> set[str]:
        """The names that a test takes from the student."""
        return test.global_names - self.setup.keys()

    def context(
        self, test: TestCell, seed: int, files: Mapping[str, bytes] | None = None
    ) -> CheckContext:
        """The context of a check in this test; ``files`` were handed in, the newest first."""
        bank = self.misconceptions.get(test.cell.exercise, ())
        reading = self.readings.get(test.cell.exercise, NOTHING)
        return CheckContext(seed, bank, files, compose=self.joiner.function, reading=reading)


@dataclass(frozen=True)
class Joiner:
    """Joins two misconceptions of a notebook's bank."""

    bundle: NotebookBundle
    bank: Mapping[str, WrongAnswer]
    namespace: dict[str, Any]

    def function(self, first: Misconception, second: Misconception) -> Callable[..., Any] | None:
        """The reference with both patches, or None if they do not fit together or do not run."""
        one, other = self.bank[first.id], self.bank[second.id]
        answer = self.bundle.answer_for(one.exercise)
        wrong = joined(answer, one, other) if answer is not None else None
        try:
            return None if wrong is None else wrong.build(self.namespace)
        except Exception:  # patches that fit the text may still make no program
            return None


def _executed(code: CodeType) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(code, names)
    return names


def _by_exercise(
    bank: list[WrongAnswer], namespace: dict[str, Any]
) -> dict[str, tuple[Misconception, ...]]:
    found: dict[str, tuple[Misconception, ...]] = {}
    for wrong in bank:
        built = Misconception(wrong.id, wrong.sentence, wrong.build(namespace))
        found[wrong.exercise] = (*found.get(wrong.exercise, ()), built)
    return found
