"""Why a student process has ended, in words for the student and the operator."""

from __future__ import annotations

import signal

from autograder.proxy.errors import WallFailure
from autograder.results import GRADER_FAILED, Outcome
from autograder.sandbox.channel import ExitStatus
from autograder.sandbox.watchdog import TOO_MUCH_CPU
from autograder.wall.frames import ProtocolError


def not_in_time(limit: str) -> WallFailure:
    """There was no reply before the deadline of a setting."""
    text = "Your code did not finish in the time allowed."
    return WallFailure(Outcome.TIMED_OUT, text, limit, "SIGKILL")


def broken_protocol(error: ProtocolError) -> WallFailure:
    """The reply was no reply."""
    return WallFailure(Outcome.CRASHED, f"Your code broke its connection to the grader: {error}.")


def ended(status: ExitStatus | None, used_all_cpu: bool) -> WallFailure:
    """The process has ended by itself or by a signal.

    ``status`` is None if the process that reports it was lost: no code of a student reaches that.
    """
    if status is None:
        return WallFailure(Outcome.GRADER_ERROR, GRADER_FAILED, from_outside=True)
    code = status.code
    if code is None or code >= 0:
        return WallFailure(Outcome.CRASHED, f"Your code ended its own process (exit code {code}).")
    name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
    if -code == signal.SIGXCPU or (-code == signal.SIGKILL and used_all_cpu):
        return WallFailure(Outcome.TIMED_OUT, TOO_MUCH_CPU, "cpu_s", name)
    return WallFailure(
        Outcome.CRASHED,
        f"The process that ran your code was killed by {name}.",
        signal=name,
        # A process that is still as it was made, the first of its namespace, can bring no
        # SIGKILL on itself: somebody sent it, or the kernel, short of memory.
        from_outside=-code == signal.SIGKILL and status.untouched,
    )
