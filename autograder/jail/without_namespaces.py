"""The walls around a student process in the weak mode, which has no namespaces.

Each wall is used if this machine has it: a user of its own, Landlock, and the filter of system
calls without network.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from pathlib import Path

from autograder.jail import jail, landlock
from autograder.jail.seccomp import Filter

_PR_SET_DUMPABLE = 4
_SHARED_FOLDERS = ("/tmp", "/dev/shm")  # where libraries expect that they can write


def confine(user_id: int, work: str, seccomp: Filter | None) -> None:
    """Confine this process, whose scratch folder is ``work``. ``user_id`` 0 keeps the user."""
    parent = os.getppid()
    if user_id:
        os.chown(work, user_id, user_id)
        jail.drop_bounding_set()
        jail.become_unprivileged(user_id)
        # A change of user makes /proc/self root's, and forgets that we die with our parent.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
        jail.die_with_parent()
        if os.getppid() != parent:
            os._exit(70)
    jail.drop_privileges()
    writable = (work, *(folder for folder in _SHARED_FOLDERS if Path(folder).is_dir()))
    with contextlib.suppress(OSError):  # a container may refuse it
        landlock.restrict(writable)
    if seccomp is not None:
        with contextlib.suppress(OSError, RuntimeError):  # so may this be
            seccomp.load()


def end_processes_of(user_id: int) -> None:
    """Kill every process of a user, in any session.

    The kernel signals all of them in one step, so no process can fork away. Only for a process of
    root without threads.
    """
    child = os.fork()
    if child == 0:
        try:
            jail.become_unprivileged(user_id)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
