"""The walls around one student's process: fresh namespaces, a sized scratch folder, limits.

The fork server already runs inside bubblewrap, which gives the file view and no network. Each
submission gets user, pid, mount, ipc, net, uts and cgroup namespaces of its own on top, and it is
over when its first process is.
"""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
from collections.abc import Iterable
from dataclasses import dataclass

WORK = "/tmp/work"
HOME = "/tmp/home"
MATPLOTLIB = "/tmp/matplotlib"  # caches of matplotlib, such as the list of fonts
INSIDE_ID = 1000
TERMINALS = 64  # pseudo-terminals that one submission may have open
FILES = 1024  # descriptors that one process may have open

_CLONE_NEW = {
    "user": 0x10000000,
    "pid": 0x20000000,
    "mount": 0x00020000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
}
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_RDONLY, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 4096, 0x4000, 0x40000
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_LAST_CAP = 63
_PF_FORKNOEXEC = 0x40

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; see ``autograder.config.settings``."""

    cpu_s: float
    threads: int
    scratch_mb: int
    memory_mb: int


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def enter_namespaces() -> None:
    """Leave every namespace of the parent; the next fork is the first process of a new one."""
    _enter(_CLONE_NEW.values(), INSIDE_ID, INSIDE_ID)


def enter_mount_namespace() -> None:
    """Get a mount namespace in which an ordinary user may mount, with the same user id."""
    _enter((_CLONE_NEW["user"], _CLONE_NEW["mount"]), os.getuid(), os.getgid())


def _enter(namespaces: Iterable[int], inside_uid: int, inside_gid: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", sum(namespaces))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside_uid} {uid} 1"),
        ("gid_map", f"{inside_gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount_fresh_proc() -> None:
    """Replace /proc by one of this pid namespace."""
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def mount_private_folders(limits: Limits) -> None:
    """Give this process its own /tmp and /dev/shm (one sized file system) and its own /proc."""
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount(
        "tmpfs",
        "/tmp",
        "tmpfs",
        _MS_NOSUID | _MS_NODEV,
        f"size={limits.scratch_mb}m,mode=0700,nr_inodes=100k",
    )
    for folder in (WORK, HOME, "/tmp/.shm", MATPLOTLIB):
        os.mkdir(folder)
    _mount("/tmp/.shm", "/dev/shm", None, _MS_BIND)
    # a mapping of /dev/zero is memory without a limit; /dev/full reads the same and has none
    _mount("/dev/full", "/dev/zero", None, _MS_BIND)
    # terminals are counted for the whole machine, but for the limit of one file system of them
    terminals = f"newinstance,ptmxmode=0666,mode=620,max={TERMINALS}"
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, terminals)
    mount_fresh_proc()
    _libc.sethostname(b"notebook", 8)


def set_limits(limits: Limits) -> None:
    """The limits that the kernel keeps for each process."""
    cpu = math.ceil(limits.cpu_s)
    scratch = limits.scratch_mb << 20
    memory = (limits.memory_mb << 20) + _data_bytes()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu),  # the kernel says SIGXCPU here, and SIGKILL at the hard limit
        (resource.RLIMIT_FSIZE, scratch),
        # Descriptors in flight count for a user; the grader, with more, can always send its own.
        (resource.RLIMIT_NOFILE, min(FILES, most_files // 4)),
        (resource.RLIMIT_NPROC, limits.threads),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_MEMLOCK, 8 << 20),
        (resource.RLIMIT_SIGPENDING, 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        most = (
            value + 5 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else value
        )
        resource.setrlimit(kind, (value, most))


def _data_bytes() -> int:
    """Bytes of private writable memory that this process has already."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmData:"):
                return int(line.split()[1]) << 10
    return 1 << 30


def is_untouched(proc: int, pid: int, cpu_s: float) -> bool:
    """Whether a child that has ended still was the program that was forked, with its CPU limit.

    A process can change both, and either can end it by a SIGKILL that the kernel sends. The child
    must not have been waited for yet. ``proc`` is a descriptor of the /proc that shows it.
    """
    try:
        flags = int(_text_of(proc, f"{pid}/stat").rpartition(")")[2].split()[6])
        lines = _text_of(proc, f"{pid}/limits").splitlines()
        (limit,) = [line.split()[3] for line in lines if line.startswith("Max cpu time")]
    except (OSError, ValueError):
        return False
    return bool(flags & _PF_FORKNOEXEC) and (limit == "unlimited" or int(limit) >= cpu_s)


def _text_of(folder: int, name: str) -> str:
    with open(os.open(name, os.O_RDONLY, dir_fd=folder)) as file:
        return file.read()


def become_unprivileged(user_id: int) -> None:
    """Give up root for good, for a user and a group of this number."""
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)


def drop_bounding_set() -> None:
    """No capability by executing anything. Only root can do this."""
    for capability in range(_LAST_CAP + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last capability that this kernel has


def drop_privileges() -> None:
    """No capability, now or by executing anything."""
    drop_bounding_set()

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    header, none = Header(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(none))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    _call("mount", *(_bytes(part) for part in (source, target, kind)), flags, _bytes(options))


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
