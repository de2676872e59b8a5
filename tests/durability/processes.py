"""Finds the processes of a run by kind, and checks that they end with it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Iterator

import psutil

KINDS = ("main", "worker", "fork server", "student")
_PR_SET_CHILD_SUBREAPER = 36


@contextlib.contextmanager
def orphans_come_here() -> Iterator[None]:
    """Within the block, a process that loses its parent becomes a child of this one."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def of_kind(main: int, kind: str) -> list[psutil.Process]:
    """The present processes of a run that are of this kind.

    The tree is main > worker > bubblewrap > bubblewrap's init > fork server > a student's attendant
    > student > the student's own processes.
    """
    root = psutil.Process(main)
    if kind == "main":
        return [root]
    levels: list[list[psutil.Process]] = [[root]]
    while levels[-1]:
        below: list[psutil.Process] = []
        for process in levels[-1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                below += process.children()
        levels.append(below)
    wanted = {"worker": (1, 2), "fork server": (2, 5), "student": (5, 100)}[kind]
    return [process for level in levels[slice(*wanted)] for process in level]


def survivors(known: set[int], wait_s: float = 20.0) -> list[str]:
    """New descendants of this process that are still there after a while."""
    ends = time.monotonic() + wait_s
    while True:
        left = []
        for process in psutil.Process().children(recursive=True):
            if process.pid in known:
                continue
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.status() != psutil.STATUS_ZOMBIE:
                    left.append(f"{process.pid} {' '.join(process.cmdline())[:200]}")
                elif process.ppid() == os.getpid():
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(process.pid, os.WNOHANG)
        if not left or time.monotonic() > ends:
            return left
        time.sleep(0.05)


def children() -> set[int]:
    """All descendants of this process."""
    return {process.pid for process in psutil.Process().children(recursive=True)}
