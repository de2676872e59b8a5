"""All processes that this process has started, and theirs: found and ended.

A process that leaves its session and outlives its parent becomes a child of this process, if this
process asked the kernel for that. So nothing that a submission starts can be lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 200  # each round ends the processes that are there; a stopped process starts none


def adopt_orphans() -> None:
    """Become the parent of all descendants that lose theirs."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants() -> int:
    """End all descendants, and wait until they are gone. The number that stayed, 0 in most cases.

    Processes are stopped before they are killed, so that none of them can start another meanwhile.
    """
    for _ in range(_ROUNDS):
        found = _descendants()
        if not found:
            _reap()  # those that ended since
            return 0
        for signal_number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal_number)
        _reap()
    return len(_descendants())


def _reap() -> None:
    """Wait for the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _descendants() -> list[int]:
    """The living descendants of this process, parents first."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = Path(entry.path, "stat").read_text(errors="replace")
                state, parent = fields.rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    children.setdefault(int(parent), []).append(int(entry.name))
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found
