"""A session: a student's notebook, run cell by cell, with a new process when a cell ends it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection
from typing import Any

from autograder.checks.disclosure import Words
from autograder.config.settings import Settings
from autograder.grading.remarks import ChangedSettings, Remarks
from autograder.proxy.errors import StudentError, WallFailure
from autograder.proxy.objects import RemoteObject, is_remote
from autograder.proxy.process import StudentProcess
from autograder.results import CellOutput, Outcome, Stop
from autograder.sandbox.launcher import ForkServer
from autograder.sandbox.watchdog import TOO_MUCH_CPU
from autograder.wall.protocol import CellReport, FindName, ReadState, RunCell, TakePrinted
from autograder.wall.untrusted import ABSENT

EXPERIMENTS = 0.5  # of a submission's time, for the student's own cells
TRIES = 0.2  # of it, for the visible tests without points
ONE_TRY = 0.1  # of it, for one of them
NOT_FOR_TESTS = 0.75  # of it: the end of short tries
MOMENT_S = 1.0  # seconds for an own cell after their common time is over, or when it is repeated
GRACE_S = 2.0  # seconds between the end of a cell's time and the end of its process
FULL_OUTPUTS = 32  # cells with long output; later cells keep none


class Sitting:
    """Runs cells and answers for names; survives the loss of the student's process.

    If a request finds no process, a new one is started and the earlier cells are run again, without
    cells that ended a process: ``killers`` holds these with the reason.
    """

    def __init__(self, server: ForkServer, files: dict[str, bytes]) -> None:
        self.outputs: dict[int, CellOutput] = {}
        self.killers: dict[int, WallFailure] = {}
        self._kept = 0  # characters of output, of all cells
        self.cpu_s = 0.0  # processor seconds of the processes that have ended
        self.remarks = Remarks()
        self.changed = ChangedSettings()
        self._own_s = 0.0  # seconds of the student's own cells
        self._tries_s = 0.0  # seconds of the visible tests without points
        self._own: set[int | str] = set()  # of the cells that ran, the student's own
        self.stops: list[Stop] = []  # the processes that ended early
        self.stage = ""  # the running cell or test
        self._server = server
        self._settings: Settings = server.settings
        self._files = files
        self._deadline = time.monotonic() + self._settings.submission_s
        self._process: StudentProcess | None = None
        self._definitions: dict[str, RemoteObject] = {}  # after the last cell
        self._cells: dict[int | str, str] = {}
        self._words = Words()
        self._was_tested = False  # the process has seen inputs of tests

    def close(self) -> None:
        """End the student's process."""
        self._definitions = {}
        if self._process is not None:
            self._process.close()
            self.cpu_s += self._process.cpu_s
            if self._process.failure is not None:
                self._note(self._process.failure)
            self._process = None

    @property
    def experiments_s(self) -> float:
        """Seconds for all of the student's own cells together; the rest is for the tests."""
        return self._settings.submission_s * EXPERIMENTS

    @property
    def notes(self) -> tuple[str, ...]:
        """The remarks for the student."""
        return self.remarks.notes(self._settings.cell_s, self.experiments_s)

    def run_cell(
        self,
        index: int,
        source: str,
        wanted: Collection[str] = (),
        *,
        is_own: bool = False,
        is_given: bool = False,
    ) -> None:
        """Run a cell of the notebook; its output or error is in ``outputs``.

        Functions and classes among the next ``wanted`` names come with the reply. The student's own
        cells, which are neither answers nor given, are stopped when their common time is over; each
        then still gets a short time, in which it may define names.
        """
        self.stage = f"cell {index + 1}"
        started = time.monotonic()
        try:
            report = self._run(source, wanted, self._soft_s() if is_own else 0.0)
            error = report.error
            if self._process is not None and error is not None and error.out_of_memory:
                self._process.check_limits()  # or the next cell would be blamed for it
        except WallFailure as failure:
            self._died()
            self.killers[index] = failure
            self.outputs[index] = CellOutput(error=(failure.outcome.value, failure.message, []))
            return
        finally:
            if is_own:
                self._own_s += time.monotonic() - started
        if is_own:
            self._own.add(index)
        self.changed.after_cell(index, report.state, is_given)
        self.remarks.add(self.stage, report.remarks)
        output = _output(report)
        self._words.add(source)
        if self._was_tested:
            output = self._words.tellable(output)
        self._kept += output.size
        if self._kept > FULL_OUTPUTS * self._settings.output_kb << 10:
            output = output.without_text()
        self.outputs[index] = output
        self._cells.pop(index, None)  # a repeated cell runs at its last position
        self._cells[index] = source

    def run_given(self, name: str, source: str) -> None:
        """Run a given cell of the source; its output is dropped."""
        try:
            self._run(source)
        except WallFailure:
            self._died()
            return
        self._cells.pop(name, None)
        self._cells[name] = source

    def _run(self, source: str, wanted: Collection[str] = (), soft_s: float = 0.0) -> CellReport:
        self._definitions = {}
        names = tuple(wanted)
        hard_s = soft_s + GRACE_S if soft_s else self._settings.cell_s
        report: CellReport = self._limited(
            lambda process: process.ask(RunCell(source, names, soft_s)), hard_s
        )
        found = report.names
        self._definitions = {name: found[name] for name in names if is_remote(found.get(name))}
        return report

    def lacking_names(self) -> list[int]:
        """Cells that ended because a name was not defined, perhaps not yet."""
        ended = {index: output.error for index, output in self.outputs.items()}
        return [
            index for index, error in sorted(ended.items()) if error and error[0] == "NameError"
        ]

    def name(self, name: str) -> Any:
        """The student's object of this name; KeyError if there is none."""
        if name in self._definitions:
            return self._definitions[name]
        try:
            value = self._living().ask(FindName(name)).value
        except NameError:
            raise KeyError(name) from None
        if value is ABSENT:
            raise KeyError(name)
        return value

    def test(self, grade_id: str, run: Callable[[], Any]) -> Any:
        """Run a test within the time limit of one test."""
        self.stage = grade_id
        self._was_tested = True
        try:
            return self._limited(lambda _: run())
        finally:
            if self._process is not None and not self._process.is_open:
                self._died()

    def visible_test(self, grade_id: str, run: Callable[[], Any]) -> Any:
        """Run a try within its share of the tries' common time, which is not the tests' time."""
        self.stage = grade_id
        started = time.monotonic()
        try:
            return self._limited(lambda _: run(), self._try_s())
        finally:
            self._tries_s += time.monotonic() - started
            if self._process is not None and not self._process.is_open:
                self._died()

    def tellable_printed(self) -> str:
        """The same as ``printed``; after hidden tests, without text that they may have caused."""
        text = self.printed()
        if not self._was_tested:
            return text
        return self._words.tellable(CellOutput(text)).stdout

    def printed(self) -> str:
        """The output of the student's code since the last cell or test."""
        if self._process is None or not self._process.has_printed:
            return ""
        try:
            with self._process.time_limit(self._settings.cell_s):
                report = self._process.ask(TakePrinted())
        except WallFailure:
            self._died()
            return ""
        except StudentError:  # only a tampered process can fail this request
            return ""
        self.remarks.add(self.stage, report.remarks)
        return report.stdout + report.stderr

    def changed_settings(self) -> str:
        """Changes by the student's own cells that a test depends on, in words."""
        if self._process is None:
            return ""
        try:
            with self._process.time_limit(self._settings.cell_s):
                report = self._process.ask(ReadState())
        except WallFailure:
            self._died()
            return ""
        except StudentError:
            return ""
        return self.changed.sentence(report)

    def _limited(
        self, action: Callable[[StudentProcess], Any], seconds: float | None = None
    ) -> Any:
        process = self._living()
        with process.time_limit(seconds or self._settings.cell_s):
            return action(process)

    def _living(self) -> StudentProcess:
        """The student's process; if there is none, a new one brought to the same point."""
        if self._process is None:
            if time.monotonic() > self._deadline:
                seconds = self._settings.submission_s
                text = f"The notebook took more than {seconds:g} s altogether."
                late = WallFailure(Outcome.TIMED_OUT, text, "submission_s")
                self._note(late)
                raise late
            left_s = self._settings.cpu_s - self.cpu_s
            if left_s <= 0:
                used = WallFailure(Outcome.TIMED_OUT, TOO_MUCH_CPU, "cpu_s")
                self._note(used)
                raise used
            process = StudentProcess(self._server.start_student())
            process.set_submission_deadline(self._deadline)
            process.set_cpu_budget(left_s)
            self._process = process
            if self._files:
                with contextlib.suppress(StudentError):  # the files do not all fit: some are absent
                    process.write_files(self._files)
            for name, source in self._cells.items():
                self._repeat(process, source, is_own=name in self._own)
        return self._process

    def _repeat(self, process: StudentProcess, source: str, is_own: bool) -> None:
        """Run a cell once more in a new process; experiments get only a short time."""
        soft_s = min(self._soft_s(), MOMENT_S) if is_own else 0.0
        started = time.monotonic()
        with process.time_limit(soft_s + GRACE_S if is_own else self._settings.cell_s):
            process.ask(RunCell(source, soft_s=soft_s))
        if is_own:
            self._own_s += time.monotonic() - started

    def _soft_s(self) -> float:
        """Seconds for the student's next own cell.

        After the common time is over, each gets a short time, and an even shorter one when the
        tests' own time comes near.
        """
        left = self.experiments_s - self._own_s
        until_tests = self._settings.submission_s * NOT_FOR_TESTS - self._own_s
        moment = max(min(MOMENT_S, until_tests / 10), 0.01)
        return min(max(left, moment), self._settings.cell_s)

    def _try_s(self) -> float:
        """Seconds for the next try; a short time after their common time is over."""
        total = self._settings.submission_s
        left = min(total * TRIES - self._tries_s, total * ONE_TRY, self._settings.cell_s)
        return max(left, MOMENT_S)

    def _died(self) -> None:
        self.close()

    def _note(self, failure: WallFailure) -> None:
        self.stops.append(
            Stop(self.stage, failure.outcome, failure.limit, failure.signal, failure.from_outside)
        )


def _output(report: CellReport) -> CellOutput:
    error = report.error
    found = None if error is None else (error.kind, error.text, list(error.traceback))
    return CellOutput(report.stdout, report.stderr, found, report.truncated)
