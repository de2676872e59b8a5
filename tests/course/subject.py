"""An exercise whose check runs in this process, on answers written by us."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from autograder.checks import CheckResult, checking
from autograder.course.misconceptions import WrongAnswer
from autograder.grading.grader import TrustedNotebook
from autograder.grading.test_cell import TestCell


@dataclass
class Subject:
    """An exercise whose check runs in this process."""

    trusted: TrustedNotebook
    cell: TestCell
    reference: dict[str, Any]

    @classmethod
    def of(cls, trusted: TrustedNotebook, cell: TestCell) -> Subject:
        reference = dict(trusted.setup)
        for answer in trusted.bundle.answers:
            exec(compile(answer.solution, f"<reference {answer.grade_id}>", "exec"), reference)
        return cls(trusted, cell, reference)

    def result(self, wrong: WrongAnswer) -> CheckResult:
        source = self.cell.cell.source.replace("### BEGIN HIDDEN TESTS", "")
        text, _, last = source.replace("### END HIDDEN TESTS", "").rstrip().rpartition("\n")
        names = self.trusted.fresh_setup()
        exec(compile(text, "<check>", "exec"), names)
        assert last.startswith("test(")
        given = self.reference | {
            wrong.exercise: wrong.build(self.trusted.joiner.namespace),
        }
        with checking(self.trusted.context(self.cell, 5)):
            found: CheckResult = names["test"](
                *[given[name] for name in inspect.signature(names["test"]).parameters]
            )
        return found
