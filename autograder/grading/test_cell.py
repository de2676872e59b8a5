"""Run one test cell in the trusted world; the student's names are resolved across the wall."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import linecache
import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np
import torch

from autograder.checks import CheckContext, CheckResult, checking
from autograder.checks.disclosure import kind_of_error
from autograder.checks.report import plain_html
from autograder.course.source import SourceCell
from autograder.course.stated_points import mismatch
from autograder.lesson.free_names import names_of_source
from autograder.palette import Tone
from autograder.proxy.errors import StudentError, WallFailure
from autograder.results import GRADER_FAILED, Outcome, TestResult
from autograder.trials.redaction import without_foreign_numbers

# modules that only the trusted world imports
_OURS = ("autograder.checks.", "autograder.trials.", "solutions.")
_HIDDEN = "### BEGIN HIDDEN TESTS"
MAX_PRINTED = 1 << 20  # characters
MAX_DIGITS = 5  # in a row, in numbers that a test may quote; hidden inputs have more
MAX_TRY_DIGITS = 7  # the same in a try, which shows results with 5 digits, such as 0.012346
MAX_TRY_PRINTED = 40_000  # characters of a try's output, which results keep for the pages
MAX_MISTAKE = 500  # characters
MAX_MESSAGE = 10_000  # characters; a message may quote a student's result
NOT_WRITTEN = "NotImplementedError"  # the released stub of an answer raises it


class Names(dict[str, Any]):
    """The globals of a test cell: its own definitions, then Python's, then the student's."""

    def __init__(self, given: dict[str, Any], student: Callable[[str], Any]) -> None:
        super().__init__(given)
        self._student = student

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        value = self._student(name)  # raises KeyError if the student has no such name
        self[name] = value
        return value


@dataclass(frozen=True)
class TestCell:
    """A test cell of the source, ready to run."""

    __test__ = False  # not a pytest class

    cell: SourceCell

    @property
    def file_name(self) -> str:
        return f"<{self.cell.grade_id}>"

    @cached_property
    def _statements(self) -> list[tuple[bool, CodeType]]:
        """Each statement's code, and whether it is in the hidden part."""
        lines = self.cell.source.splitlines()
        hidden = next(
            (n for n, line in enumerate(lines, 1) if line.strip() == _HIDDEN), len(lines) + 1
        )
        found = []
        for stmt in ast.parse(self.cell.source).body:
            code = (
                compile(ast.Expression(stmt.value), self.file_name, "eval")
                if isinstance(stmt, ast.Expr)
                else compile(ast.Module([stmt], []), self.file_name, "exec")
            )
            found.append((stmt.lineno > hidden, code))
        return found

    @cached_property
    def global_names(self) -> set[str]:
        """The free names of the cell, from the setup and from the student."""
        return names_of_source(self.cell.source, self.file_name)

    def run(
        self,
        setup: dict[str, Any],
        student: Callable[[str], Any],
        context: CheckContext,
        take_printed: Callable[[], str] = str,
    ) -> TestResult:
        """The verdict on this cell. Never raises because of the student's side.

        ``take_printed`` returns the output of the student's code since the last call. Output of the
        hidden part is dropped, because it may hold the inputs of hidden cases.
        """
        _seed(context.seed)
        lines = self.cell.source.splitlines(keepends=True)
        linecache.cache[self.file_name] = (len(self.cell.source), None, lines, self.file_name)
        names = Names(setup, student)
        output = io.StringIO()
        printed: str | None = None  # known after the visible part
        value: Any = None
        failure: BaseException | None = None
        failed_hidden = False  # the part that failed
        with checking(context), contextlib.redirect_stdout(output):
            for is_hidden, code in self._statements:
                if is_hidden and printed is None:
                    printed = output.getvalue() + take_printed()
                if failure is not None and not is_hidden:
                    continue  # the visible part has failed; the hidden part still explains
                try:
                    value = eval(code, names)  # None where the statement has no value
                except WallFailure as error:
                    failure = failure if failure is not None else error
                    break
                except Exception as error:
                    if failure is None:
                        failure, failed_hidden = error, is_hidden
                    if is_hidden or _not_answered(error):
                        break
        rest = take_printed()
        if printed is None:
            printed = output.getvalue() + rest
        if self.cell.is_try:  # shown to students; it may quote a value that holds hidden inputs
            printed = self._shown(printed[:MAX_TRY_PRINTED])
        result = self._verdict(value, failure, failed_hidden)
        return replace(result, printed=printed[:MAX_PRINTED], seed=context.seed)

    def _verdict(
        self, value: Any, failure: BaseException | None, failed_hidden: bool
    ) -> TestResult:
        if failure is not None:
            explained = value if isinstance(value, CheckResult) else None
            return self._failed(failure, explained, failed_hidden)
        points = self.cell.points
        if self.cell.is_try:  # its value is no number of points
            return self._result(0.0, Outcome.PASSED, "")
        if isinstance(value, CheckResult):
            if value.max_points != points:
                return self._ours(mismatch(points, value.max_points))
            if not 0 <= value.points <= points:  # also refuses nan
                return self._ours(f"its check gives {value.points!r} of {points:g} points")
            return self._checked(value)
        if type(value) in (int, float):
            if not 0 <= value <= points:  # also refuses nan
                return self._ours(
                    f"its value is {value!r}, which is no number of points between 0 and {points:g}"
                )
            kind = (
                Outcome.PASSED if value == points else Outcome.PARTIAL if value else Outcome.FAILED
            )
            return self._result(float(value), kind, "")
        return self._result(points, Outcome.PASSED, "")

    def _checked(self, check: CheckResult) -> TestResult:
        if check.points == self.cell.points:
            outcome = Outcome.PASSED
        elif check.out_of_memory:
            outcome = Outcome.OUT_OF_MEMORY
        elif check.raised is not None and not check.unwritten:
            outcome = Outcome.ERROR
        else:
            outcome = Outcome.PARTIAL if check.points > 0 else Outcome.FAILED
        return self._result(check.points, outcome, check.message, check)

    def _failed(
        self, failure: BaseException, check: CheckResult | None, is_hidden: bool
    ) -> TestResult:
        """The verdict if a line of the test raised.

        For a hidden line, the text of the student's exception is dropped, because it may hold the
        inputs.
        """
        name = self.cell.exercise
        if isinstance(failure, WallFailure):
            return self._result(0.0, failure.outcome, failure.message)
        if isinstance(failure, StudentError):
            outcome = Outcome.FAILED if _not_answered(failure) else Outcome.ERROR
            if failure.out_of_memory:
                outcome = Outcome.OUT_OF_MEMORY
            text = f"{name} raised {failure.kind}: {failure.text}"
            if failure.kind == NOT_WRITTEN:
                text = f"{name} is not written yet."
            elif is_hidden:
                text = f"{name} raised {kind_of_error(failure.kind)} in a hidden case."
            else:
                text = "\n".join((text, *failure.traceback_lines))
                text = without_foreign_numbers(text, self.cell.source)
            return self._result(
                0.0, outcome, _joined(text, check), check, missing_name=failure.missing_name,
                unwritten=failure.kind == NOT_WRITTEN,
            )  # fmt: skip
        if isinstance(failure, AssertionError):
            text = self._shown(str(failure))
            text = text or f"{name} is not right yet: a condition of its test is false."
            return self._result(0.0, Outcome.FAILED, _joined(text, check), check)
        if isinstance(failure, NameError) and isinstance(failure.name, str):
            text = (
                f"{failure.name} is not defined. Did the cell that defines it run without an error?"
            )
            return self._result(0.0, Outcome.FAILED, text, missing_name=failure.name)
        if _is_ours(failure, self.file_name):
            log = "".join(traceback.format_exception(failure))
            if isinstance(failure, (MemoryError, OSError)):  # of the machine, not of the course
                return self._result(0.0, Outcome.GRADER_ERROR, GRADER_FAILED, log=log)
            return self._ours(f"it raised {type(failure).__name__}: {failure}"[:MAX_MISTAKE], log)
        kind = type(failure).__name__
        said = kind if is_hidden else f"{kind}: {failure}"
        text = f"The test could not use what {name} returned ({said})."
        return self._result(0.0, Outcome.FAILED, _joined(text, check), check)

    def _shown(self, text: str) -> str:
        """A text of the test without long numbers, which a student's value may have put there."""
        digits = MAX_TRY_DIGITS if self.cell.is_try else MAX_DIGITS
        return without_foreign_numbers(text, self.cell.source, digits)

    def _ours(self, mistake: str, log: str = "") -> TestResult:
        """The mistake of the test cell, the reference or the course's code."""
        result = self._result(0.0, Outcome.GRADER_ERROR, GRADER_FAILED, log=log or mistake)
        return replace(result, mistake=mistake)

    def _result(
        self,
        points: float,
        outcome: Outcome,
        message: str,
        check: CheckResult | None = None,
        log: str = "",
        missing_name: str = "",
        unwritten: bool = False,
    ) -> TestResult:
        message = message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + " ..."
        tone: Tone = "good" if outcome is Outcome.PASSED else "bad"
        html = check.html if check else plain_html(message, tone) if message else ""
        if check and message and not message.startswith(check.message[:40]):
            html = plain_html(message.removesuffix(check.message).strip(), tone) + html
        return TestResult(
            grade_id=self.cell.grade_id,
            exercise=self.cell.exercise,
            points=float(points),
            max_points=self.cell.points,
            outcome=outcome,
            diagnosis=check.diagnosis if check else None,
            message=message,
            html=html,
            also=check.also if check else (),
            evidence=check.evidence if check else None,
            log=log,
            missing_name=missing_name or (check.missing_name if check else ""),
            sentence=check.sentence if check else "",
            unwritten=unwritten or (check is not None and check.unwritten),
            wrong_groups=check.wrong_groups if check else (),
            not_judged_groups=check.not_judged_groups if check else (),
            measures=check.measures if check else (),
        )


def _seed(seed: int) -> None:
    """Seed the random numbers of a test, so that they do not depend on earlier submissions."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))
    torch.default_generator.manual_seed(seed)


def _joined(text: str, check: CheckResult | None) -> str:
    return f"{text}\n{check.message}" if check and check.points < check.max_points else text


def _not_answered(failure: BaseException) -> bool:
    if isinstance(failure, StudentError):
        return failure.kind in (NOT_WRITTEN, "NameError")
    return isinstance(failure, NameError)


def _is_ours(failure: BaseException, file_name: str) -> bool:
    """Whether an exception comes from the engine, the reference or the test cell's imports."""
    if isinstance(failure, (ImportError, SyntaxError)):
        return True
    frames = [frame for frame, _ in traceback.walk_tb(failure.__traceback__)]
    files = [frame.f_code.co_filename for frame in frames]
    after = frames[files.index(file_name) + 1 :] if file_name in files else frames
    return any(
        frame.f_code.co_filename.startswith("<misconception")
        or str(frame.f_globals.get("__name__", "")).startswith(_OURS)
        for frame in after
    )
