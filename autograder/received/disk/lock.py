"""One writer at a time for the received files of an assignment."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.course.layout import Course
from autograder.received.disk.incoming import make_private


@contextmanager
def one_writer(course: Course, assignment: str) -> Iterator[None]:
    """Within the block, no other process writes to the store of this assignment.

    Waits for the other process. The lock ends with this process in every case.
    """
    folder = course.state / "received-locks"
    make_private(folder)
    with (folder / assignment).open("a+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno != errno.ENOLCK:  # a file system without locks
                raise
        yield
