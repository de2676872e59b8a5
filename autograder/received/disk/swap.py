"""Put a new folder in the place of an old one, in one step."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

_AT_FDCWD, _EXCHANGE = -100, 2  # of Linux's renameat2
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)


def put_in_place(new: Path, place: Path) -> None:
    """Move a folder to its place; the old folder, if there is one, is then at ``new``.

    Both lie on one file system. A kill leaves the old or the new folder there. File systems that
    cannot exchange two folders have a moment without the folder between two steps. Raises OSError.
    """
    if not place.exists():
        new.rename(place)
        return
    if not _exchange(new, place):
        old = new.with_name(f"{new.name}.old")
        place.rename(old)
        new.rename(place)
        old.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders; False if the system cannot. Raises OSError."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(other))
