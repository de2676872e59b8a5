"""A real IPython shell that runs a student's cells and keeps their output."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell

from autograder.jail import jail
from autograder.shell import absent
from autograder.shell.library_state import LibraryState
from autograder.shell.remarks import INPUT, STAND_IN, STOPPED, Remarks
from autograder.shell.resume import failed_statement
from autograder.shell.soft_limit import SoftLimit, StoppedEarly
from autograder.shell.unattended import Unattended
from autograder.wall.messages import ErrorReport
from autograder.wall.protocol import CellReport, Printed

MAX_TRACEBACK_LINES = 40


class BoundedText(io.TextIOBase):
    """A text stream that keeps at most ``limit`` characters and drops the rest."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.truncated = False
        self._pieces: list[str] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = self.limit - self._length
        if len(text) > room:
            self.truncated = True
        if room > 0:
            self._pieces.append(text[:room])
            self._length += min(room, len(text))
        return len(text)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written since it was last taken."""
        return not self._pieces

    def take(self) -> str:
        """The text that was written since the last call."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return text


class _ParseOnce(CachingCompiler):
    """A compiler that remembers the cell it parsed last until it is asked for it again."""

    _parsed: tuple[str, ast.AST] | None = None

    def is_python(self, source: str) -> bool:
        """Whether it can be parsed; without a warning, as these come when it is run."""
        self._parsed = None
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                tree = super().ast_parse(source)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return False
        if not warned:
            self._parsed = source, tree
        return True

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> ast.AST:
        """The tree of a source; a remembered tree is returned once."""
        parsed, self._parsed = self._parsed, None
        if parsed is not None and parsed[0] == source and symbol == "exec":
            return parsed[1]
        return super().ast_parse(source, filename, symbol)


class CellShell(InteractiveShell):
    """IPython without a terminal, a kernel, a history file or a display."""

    compiler_class = _ParseOnce
    compile: _ParseOnce
    state: LibraryState  # of libraries, as a fresh notebook finds it

    def enable_gui(self, gui: Any = None) -> None:
        """There is no event loop to run; ``%matplotlib`` only picks a backend."""

    def transform_cell(self, raw_cell: str) -> str:
        """The cell as Python; magics, which make it none, are for IPython to translate.

        IPython looks for them token by token, which takes longer than to run most cells.
        """
        if not self.input_transformers_post:
            cell = raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
            if self.compile.is_python(cell):
                return cell
        transformed: str = super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
        return transformed

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: Any = None, preprocessing_exc_tuple: Any = None
    ) -> bool:
        """Whether the cell waits for something at its top level; IPython compiles it to see."""
        if transformed_cell is not None and not re.search("async|await", transformed_cell):
            return False
        return super().should_run_async(
            raw_cell,
            transformed_cell=transformed_cell,
            preprocessing_exc_tuple=preprocessing_exc_tuple,
        )

    def system(self, cmd: str) -> None:
        """Run ``!cmd`` and print its output, as a notebook does."""
        done = subprocess.run(
            self.var_expand(cmd, depth=1),  # type: ignore[no-untyped-call]
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        sys.stdout.write(done.stdout.decode(errors="replace"))
        self.user_ns["_exit_code"] = done.returncode

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """Errors are reported as data by ``Cells.run``, not printed."""

    def init_display_formatter(self) -> None:
        super().init_display_formatter()  # type: ignore[no-untyped-call]
        self.display_formatter.active_types = ["text/plain"]  # type: ignore[union-attr]


def create_shell() -> CellShell:
    """The one shell of this process, with an empty namespace that has no test in it."""
    HistoryManager.enabled = False  # type: ignore[assignment] # a traitlet takes its value
    shell: CellShell = CellShell.instance(colors="nocolor", banner1="")
    shell.history_manager.enabled = False  # type: ignore[union-attr]
    shell.autoawait = True
    shell.InteractiveTB.set_mode(mode="Minimal")  # formatting a deep traceback takes seconds
    shell.state = LibraryState()
    return shell


class Cells:
    """Runs cells one after the other and reports each as plain data."""

    def __init__(self, shell: CellShell, output_limit: int) -> None:
        self.shell = shell
        self.stdout = BoundedText(output_limit)
        self.stderr = BoundedText(output_limit)
        self.remarks = Remarks()
        self.unattended = Unattended(self.remarks.add)

    def install(self) -> None:
        """Send everything this process prints to the bounded streams, and let nothing wait."""
        sys.stdout = self.stdout
        sys.stderr = self.stderr
        self.shell.displayhook.flush = lambda: None  # type: ignore[method-assign]
        self.unattended.install()
        work = f"{Path.cwd()}/"
        absent.install(self.remarks.add, lambda name: _is_own(name) or name.startswith(work))
        self.shell.state.begin()

    def run(self, source: str, soft_s: float = 0.0) -> CellReport:
        """Run one cell; an error in it is part of the report.

        A cell that takes longer than ``soft_s`` seconds (0: no limit) is ended by an exception.
        """
        self.unattended.begin()
        with SoftLimit(soft_s):
            error = self._run(source, store_history=True)
            first = error
            while error is not None and (rest := self._rest(source, error)):
                error = self._run(rest, store_history=False)
        self._close_figures()
        if isinstance(error, StoppedEarly):
            first = error
            self.remarks.add(STOPPED)
        printed = self.printed()
        return CellReport(
            printed.stdout,
            printed.stderr,
            printed.truncated,
            printed.remarks,
            describe_error(first) if first is not None else None,
            self.shell.state.changed(),
        )

    def _run(self, source: str, store_history: bool) -> BaseException | None:
        try:
            result = self.shell.run_cell(source, store_history=store_history)  # type: ignore[no-untyped-call]
        except StoppedEarly as error:  # between the cell's own lines
            return error
        ended: BaseException | None = result.error_before_exec or result.error_in_exec
        return ended

    def _rest(self, source: str, error: BaseException) -> str:
        """The lines below the failed statement, if it only lacked a package or a person's input.

        Empty if the cell ended by its own fault.
        """
        cell = str(self.shell.transform_cell(source))
        if isinstance(error, absent.PackageMissing):
            return failed_statement(cell, error)[1]
        if isinstance(error, ModuleNotFoundError):  # inside a library that is here
            statement, rest = failed_statement(cell, error)
            if lacking := absent.imported_by(statement, error):
                self.remarks.add(STAND_IN, absent.package_lacking(error))
                self.shell.user_ns.update(lacking)
                return rest
        if INPUT in self.remarks and isinstance(error, Exception):
            return failed_statement(cell, error)[1]
        return ""

    @property
    def something_printed(self) -> bool:
        """Whether the next report will have something in it."""
        return not (self.stdout.is_empty and self.stderr.is_empty and self.remarks.is_empty)

    def printed(self) -> Printed:
        """The output since the last report."""
        truncated = self.stdout.truncated or self.stderr.truncated
        self.stdout.truncated = self.stderr.truncated = False
        return Printed(self.stdout.take(), self.stderr.take(), truncated, self.remarks.take())

    def _close_figures(self) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")


def describe_error(error: BaseException) -> ErrorReport:
    """An exception as plain data: its type, its bases, its text and the student's own traceback."""
    try:
        text = str(error)[:2000]
    except Exception:
        text = "(an exception whose text cannot be made)"
    try:
        names = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    except Exception:
        names = ["Exception"]
    return ErrorReport(
        type=str(type(error).__name__)[:200],
        builtins=tuple(names[:20]),
        text=text,
        missing_name=_missing_name(error),
        out_of_memory=isinstance(error, MemoryError) or "can't allocate memory" in text,
        traceback=tuple(_own_frames(error)),
    )


def _missing_name(error: BaseException) -> str:
    name = error.name if isinstance(error, NameError) else None
    return name[:200] if type(name) is str else ""


def _own_frames(error: BaseException) -> list[str]:
    try:
        summary = traceback.TracebackException.from_exception(error, lookup_lines=True, limit=-60)
        summary.stack = traceback.StackSummary.from_list(
            [frame for frame in summary.stack if _is_own(frame.filename)]
        )
        if not summary.stack and not isinstance(error, SyntaxError):
            return []  # the last line only repeats the error's type and text
        lines = "".join(summary.format(chain=False)).splitlines()
    except Exception:
        return []
    if len(lines) > MAX_TRACEBACK_LINES:
        half = MAX_TRACEBACK_LINES // 2
        lines = [*lines[:half], "    ...", *lines[-half:]]
    return [line[:500] for line in lines]


def _is_own(filename: str) -> bool:
    own = ("<timed exec>", "<timed eval>", f"{jail.WORK}/")
    return "ipython-input" in filename or filename.startswith(own)
