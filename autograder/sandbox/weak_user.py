"""The user of student processes in the weak mode: another one than the grader's, if possible."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import autograder
from autograder.config.settings import Settings
from autograder.sandbox.user_ids import UserId

_SHELL = "/bin/sh"
_KILL_ALL = "kill -s KILL -- -1"  # all processes of the user but the shell itself


def take_user(settings: Settings) -> UserId | None:
    """A user id for the submissions of one worker; None if they run as the grader's own user.

    Raises SandboxUnavailable if every id of the settings is in use.
    """
    return None if why_same_user(settings) else UserId.take(settings)


def why_same_user(settings: Settings) -> str:
    """Why submissions run as the grader's own user; empty if they do not."""
    if os.getuid() != 0:
        return "only root can start a process as another user"
    last = settings.first_user_id + settings.user_ids - 1
    if not (_is_mapped(settings.first_user_id) and _is_mapped(last)):
        return "this container has no other users"
    package = str(Path(autograder.__file__).parent)
    for place in (sys.prefix, sys.base_prefix, sys.executable, package):
        if (closed := _closed(Path(place))) is not None:
            return f"another user could not read Python's files: {closed} is closed to others"
    return ""


def end_processes(user: UserId) -> None:
    """Kill all processes of this user, also those that left their session."""
    number = user.number
    subprocess.run(
        [_SHELL, "-c", _KILL_ALL],
        user=number,
        group=number,
        extra_groups=[],
        cwd="/",
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _closed(path: Path) -> Path | None:
    """The first folder on the way to a path that other users may not enter; or the path itself."""
    real = path.resolve()
    for folder in (*reversed(real.parents), real):
        mode = folder.stat().st_mode
        needed = stat.S_IXOTH if folder != real else stat.S_IROTH | stat.S_IXOTH
        if mode & needed != needed:
            return folder
    return None


def _is_mapped(user_id: int) -> bool:
    """Whether a user id exists in the user namespace of this process."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= user_id < first + count:
            return True
    return False
