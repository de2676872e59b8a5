"""The layers between the grader and a submission in Gradescope's container, and the gaps."""

from __future__ import annotations

import os

from autograder.config.settings import Settings
from autograder.jail import jail, landlock
from autograder.jail.seccomp import Filter
from autograder.sandbox.weak_user import why_same_user

NOT_PROTECTED = (
    "a submission sees the container's files that every user may read, and its processes",
    "it can fill the container's disk with many files, and then it may get no score",
    "limits of memory and processes are checked from outside, a few times a second",
)
NOT_PROTECTED_AS_SAME_USER = (
    "a submission can read the hidden tests and the reference",
    "it can end the grader, and then it gets no score",
)
NO_LANDLOCK = "it can write to every file that its user may write"
NO_LANDLOCK_AS_SAME_USER = "it can change the grader and its results"
NO_SECCOMP = "it can use the network, and every system call that its user may use"


def holds(settings: Settings) -> list[str]:
    """The walls that this machine has, one a line."""
    found = ["the wall: only plain values cross, and tests run in the grader's process"]
    if not why_same_user(settings):
        found.append("submissions run as a user of their own")
    if version := landlock.version():
        found.append(f"Landlock, version {version}: they write in their scratch folder and /tmp")
    if has_seccomp():
        found.append("a filter of system calls: no network, no tracing, no mounts")
    return found


def lacks(settings: Settings) -> list[str]:
    """The gaps on this machine, one a line."""
    found = list(NOT_PROTECTED)
    if same_user := why_same_user(settings):
        found.append(f"submissions run as the grader's own user: {same_user}")
        found += NOT_PROTECTED_AS_SAME_USER
    if not landlock.version():
        found.append(NO_LANDLOCK_AS_SAME_USER if same_user else NO_LANDLOCK)
    if not has_seccomp():
        found.append(NO_SECCOMP)
    return found


def has_seccomp() -> bool:
    """Whether a process here may filter its own system calls; a child of ours tries it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            jail.drop_privileges()
            Filter(network=False).load()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
