"""Write files completely or not at all, even if the process is killed."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from pathlib import Path

from autograder.errors import DiskError

_log = logging.getLogger(__name__)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, data: bytes | str, *, is_private: bool = False) -> None:
    """Write a file, and its folder if needed; after the return it survives a kill.

    Until then, the path keeps its old content. Only its owner can read a private file, from its
    first byte on. Raises DiskError if the file cannot be written.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(path)
        with open(partial, "wb", opener=_private if is_private else None) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _log.debug("wrote %s, %d bytes", path, len(content))
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def disk_error(error: OSError, path: Path | str) -> DiskError:
    """The error for a file that could not be written."""
    if error.errno in _FULL:
        return DiskError(
            f"the disk is full: {path} could not be written ({error.strerror}). No file "
            "is incomplete, and finished results are kept. Make room, then run the same command "
            "again."
        )
    return DiskError(f"{path} could not be written: {error.strerror or error}")


def is_full(error: OSError) -> bool:
    """Whether an error means that the disk, or the user's quota on it, is full."""
    return error.errno in _FULL


def _clear_leftovers(path: Path) -> None:
    """Remove temporary files that killed writers of this file left behind."""
    start = f".{path.name}."
    for file in os.scandir(path.parent):
        if file.name.startswith(start) and file.name.endswith(".partial"):
            pid = file.name[len(start) :].removesuffix(".partial")
            if not (pid.isdecimal() and _is_running(int(pid))):
                Path(file.path).unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    """True if a process of any user has this number."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
