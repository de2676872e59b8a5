"""A student's notebook, run cell by cell, with the process started again when a cell ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autograder.results import CellOutput, Outcome
from autograder.sandbox import WarmParent
from autograder.settings import Settings
from autograder.student_process import StudentProcess, WallFailure


class Sitting:
    """Runs cells and answers for names; survives the loss of the student's process.

    When a request finds no process, a new one is started and the cells that ran so far are run
    again, without the ones that ended a process: those are in ``killers`` with the reason.
    """

    def __init__(self, parent: WarmParent, files: dict[str, bytes]) -> None:
        self.outputs: dict[int, CellOutput] = {}
        self.killers: dict[int, WallFailure] = {}
        self._parent = parent
        self._settings: Settings = parent.settings
        self._files = files
        self._deadline = time.monotonic() + self._settings.submission_s
        self._process: StudentProcess | None = None
        self._cells: dict[int, str] = {}

    def close(self) -> None:
        """End the student's process."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def run_cell(self, index: int, source: str) -> None:
        """Run a cell of the notebook; what it printed or raised is in ``outputs``."""
        try:
            report = self._limited(lambda process: process.request("cell", source))
        except WallFailure as failure:
            self._died()
            self.killers[index] = failure
            self.outputs[index] = CellOutput(error=(failure.outcome.value, failure.message, []))
            return
        self.outputs[index] = _output(report)
        self._cells[index] = source

    def name(self, name: str) -> Any:
        """The student's object of this name; KeyError where there is none."""
        try:
            return self._living().request("name", name)["value"]
        except NameError:
            raise KeyError(name) from None

    def test(self, run: Callable[[], Any]) -> Any:
        """Run a test within the time one test may take."""
        try:
            return self._limited(lambda _: run())
        finally:
            if self._process is not None and not self._process.is_open:
                self._died()

    def printed(self) -> str:
        """What the student's code printed since the last cell or test."""
        if self._process is None:
            return ""
        try:
            with self._process.time_limit(self._settings.cell_s):
                report = self._process.request("printed")
        except WallFailure:
            self._died()
            return ""
        return str(report.get("stdout", "")) + str(report.get("stderr", ""))

    def _limited(self, action: Callable[[StudentProcess], Any]) -> Any:
        process = self._living()
        with process.time_limit(self._settings.cell_s):
            return action(process)

    def _living(self) -> StudentProcess:
        """The student's process; a new one brought to the same point when there is none."""
        if self._process is None:
            if time.monotonic() > self._deadline:
                seconds = self._settings.submission_s
                raise WallFailure(
                    Outcome.TIMED_OUT, f"The notebook took more than {seconds:g} s altogether."
                )
            process = self._parent.start_student()
            process.set_submission_deadline(self._deadline)
            self._process = process
            if self._files:
                process.request("files", self._files)
            for source in self._cells.values():
                with process.time_limit(self._settings.cell_s):
                    process.request("cell", source)
        return self._process

    def _died(self) -> None:
        self.close()


def _output(report: dict[str, Any]) -> CellOutput:
    error = report.get("error")
    found: tuple[str, str, list[str]] | None = None
    if isinstance(error, dict):
        lines = error.get("traceback")
        found = (
            str(error.get("type", "Exception")),
            str(error.get("text", "")),
            [str(line) for line in lines] if isinstance(lines, list) else [],
        )
    return CellOutput(
        stdout=str(report.get("stdout", "")),
        stderr=str(report.get("stderr", "")),
        error=found,
        truncated=report.get("truncated") is True,
    )
