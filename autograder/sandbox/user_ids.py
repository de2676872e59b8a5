"""User ids for workers: as root, the submissions of each worker run as a user of their own.

The kernel counts some resources for a user and not for a process: descriptors in flight, pages of
pipes, watches of epoll, pending signals. A worker takes an id from the range of the settings and
holds it by a lock on a file, so that two workers never share one, of one run or of two. The kernel
frees the lock when the worker ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import stat
import time
from pathlib import Path

from autograder.config.settings import Settings
from autograder.errors import SandboxUnavailable

LOCKS = Path("/run/autograder/user-ids")
_GONE_S = 3.0  # how long the processes of a worker that has ended may take to be gone


class UserId:
    """A user id that is ours until ``close``."""

    def __init__(self, number: int, lock: int) -> None:
        self.number = number
        self._lock = lock

    @classmethod
    def take(cls, settings: Settings, locks: Path | None = None) -> UserId | None:
        """The first free id of the range; None for an ordinary user, who has one id only.

        Free is an id that no other worker holds, no account has and no process runs as. Raises
        SandboxUnavailable where none is free.
        """
        if os.getuid() != 0:
            return None
        folder = _root_only(locks or LOCKS)
        first, count = settings.first_user_id, settings.user_ids
        end = time.monotonic() + _GONE_S
        while True:
            busy = _running()
            for number in range(first, first + count):
                if number not in busy and not _is_account(number):
                    lock = _locked(folder / str(number))
                    if lock is not None:
                        return cls(number, lock)
            if time.monotonic() > end or busy.isdisjoint(range(first, first + count)):
                break
            time.sleep(0.05)
        raise SandboxUnavailable(
            f"no user id of {first} to {first + count - 1} is free, and each worker needs one. "
            "Wait until other runs end, or set c.Autograder.first_user_id and "
            "c.Autograder.user_ids in nbgrader_config.py to a larger range."
        )

    def close(self) -> None:
        """Give the id back."""
        os.close(self._lock)


def _root_only(folder: Path) -> Path:
    """The folder of the locks; made where it is not there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise SandboxUnavailable(
            f"{folder} cannot be made ({error.strerror}): there root locks user ids of its workers"
        ) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise SandboxUnavailable(
            f"{folder} must be a folder that only root can write: there root locks the user ids of "
            f"its workers. Remove it, or: chown root {folder}; chmod 700 {folder}"
        )
    return folder


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock of a file; None where another one holds it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return None
    return fd


def _running() -> set[int]:
    """The user ids of all processes: a killed worker's processes may outlive its lock."""
    found: set[int] = set()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                for line in Path(entry.path, "status").read_text(errors="replace").splitlines():
                    if line.startswith("Uid:"):
                        found.update(map(int, line.split()[1:]))
                        break
    return found


def _is_account(number: int) -> bool:
    try:
        pwd.getpwuid(number)
    except KeyError:
        return False
    return True
