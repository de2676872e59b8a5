"""The lock of an assignment: a second run of the same assignment is refused."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from autograder.course.layout import Course
from autograder.errors import UsageError


@contextmanager
def alone(course: Course, assignment: str) -> Iterator[None]:
    """Within the block, no other process grades this assignment of the course.

    Child processes do not inherit the lock, so it ends with this process in every case. Raises
    UsageError if another process holds it.
    """
    path = course.state / "lock" / assignment
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                file.seek(0)
                raise UsageError(
                    f"{assignment} is being graded already ({file.read(200).strip()}). "
                    "Wait until that run ends, or stop it: its finished results are kept."
                ) from None
            if error.errno != errno.ENOLCK:  # a file system without locks
                raise
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}, since {datetime.now():%H:%M:%S}\n")
        file.flush()
        yield
