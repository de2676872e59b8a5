"""Private copies of the shown files: an overlay over each shown folder, a copy of each shown file.

Two sandboxes show the same files of the machine, read-only. The kernel keeps some state of a file
for all of its readers together: locks (``flock``), leases, watches. An overlay has files of its
own over the same contents, so that this state ends at the sandbox. It costs no memory: the
contents stay shared.
"""

from __future__ import annotations

import ctypes
import os
import re
import stat
from pathlib import Path

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT = 1, 2, 4, 32
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 0x4000, 0x40000
_CLOSED = _MS_RDONLY | _MS_NOSUID | _MS_NODEV
_OWN = ("/proc", "/tmp", "/dev/pts")  # file systems that every sandbox has anew
_EMPTY, _COPIES = "/tmp/.empty", "/tmp/.shown"
_LARGEST_COPY = 1 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def cover_shown_files() -> int:
    """Cover each mount of the machine's files and devices; how many could be covered.

    Needs the right to mount in this mount namespace. A kernel without overlays
    covers nothing.
    """
    try:
        _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
        for folder in (_EMPTY, _COPIES):
            Path(folder).mkdir(exist_ok=True)
        targets = [
            path for path in mount_points() if path not in ("/", "/dev") and not _is_own(path)
        ]
    except OSError:
        return 0
    opened = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in targets]
    try:
        return sum(_covered(path, fd) for path, fd in opened)
    finally:
        for _, fd in opened:
            os.close(fd)


def mount_points() -> list[str]:
    """All mount points, each once, a folder before the mount points in it."""
    with open("/proc/self/mountinfo") as file:
        found = {_unescaped(line.split()[4]) for line in file}
    return sorted(found)


def _covered(path: str, fd: int) -> bool:
    """Cover one mount point; ``fd`` is open on the folder or file beneath earlier overlays."""
    source = f"/proc/self/fd/{fd}"
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISCHR(mode):
            _cover_by_node(path, fd)
        elif stat.S_ISDIR(mode):
            _mount("overlay", path, "overlay", _CLOSED, f"lowerdir={source}:{_EMPTY}")
        else:
            _cover_by_copy(path, source, fd)
        return True
    except OSError:
        if not os.path.samestat(Path(path).stat(), os.fstat(fd)):  # hidden by an overlay around it
            _mount(source, path, None, _MS_BIND)
        return False


def _cover_by_copy(path: str, source: str, fd: int) -> None:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_COPY:
        raise OSError(f"{path} is not copied")
    copy = Path(_COPIES, str(fd))
    copy.write_bytes(Path(source).read_bytes())
    copy.chmod(stat.S_IMODE(status.st_mode) & 0o555)
    _mount(str(copy), path, None, _MS_BIND)
    _mount(None, path, None, _MS_REMOUNT | _MS_BIND | _CLOSED)


def _cover_by_node(path: str, fd: int) -> None:
    """Cover a device by a node of its own; only root may make one."""
    node = Path(_COPIES, str(fd))
    os.mknod(node, stat.S_IFCHR | 0o666, os.fstat(fd).st_rdev)
    node.chmod(0o666)
    _mount(str(node), path, None, _MS_BIND)
    _mount(None, path, None, _MS_REMOUNT | _MS_BIND | _MS_NOSUID)


def _is_own(path: str) -> bool:
    return any(path == own or path.startswith(f"{own}/") for own in _OWN)


def _unescaped(text: str) -> str:
    """A path as mountinfo writes it, without its escapes of blanks, line breaks and backslashes."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    given = (None if part is None else os.fsencode(part) for part in (source, target, kind))
    data = None if options is None else os.fsencode(options)
    if _libc.mount(*given, flags, data) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {target}: {os.strerror(number)}")
