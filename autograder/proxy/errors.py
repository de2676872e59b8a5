"""Errors of the student's side: exceptions of its code, and the end of its process."""

from __future__ import annotations

import builtins

from autograder.results import Outcome
from autograder.wall.messages import ErrorReport


class WallFailure(BaseException):
    """The student process is gone or may no longer be listened to.

    Not an Exception: no ``except Exception`` in a test can turn it into a pass. ``limit`` is the
    setting that ran out, ``signal`` the name of the signal that ended the process, where there is
    one. ``from_outside`` says that neither the student nor the grader ended it.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        limit: str | None = None,
        signal: str | None = None,
        from_outside: bool = False,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.limit = limit
        self.signal = signal
        self.from_outside = from_outside


class StudentError(Exception):
    """An exception that the student's code raised.

    ``kind`` is its type's name. Where that is, or extends, a built-in exception, the object is an
    instance of it too, so ``except ValueError`` works on either side of the wall. ``missing_name``
    is the name that was not defined, where that was the reason.
    """

    kind: str = "Exception"
    text: str = ""
    traceback_lines: tuple[str, ...] = ()
    out_of_memory: bool = False
    missing_name: str = ""


def student_error(report: ErrorReport) -> StudentError:
    """The StudentError that a report describes."""
    kinds = map(_builtin, report.builtins)
    base = next((kind for kind in kinds if kind is not None), Exception)
    bases = (StudentError,) if base is Exception else (StudentError, base)
    try:
        error: StudentError = type("StudentError", bases, {})(report.text)
    except TypeError:  # an exception whose arguments are not one text
        error = StudentError(report.text)
    error.kind = report.kind
    error.text = report.text
    error.traceback_lines = report.traceback
    error.missing_name = report.missing_name
    error.out_of_memory = report.out_of_memory
    return error


def _builtin(name: str) -> type[Exception] | None:
    """A built-in exception that a test may meet; None for other names."""
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception) or kind is Exception:
        return None
    # either of these would end a loop of the test quietly
    return None if issubclass(kind, (StopIteration, StopAsyncIteration)) else kind
