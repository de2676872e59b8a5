"""A system-call filter: it refuses calls that notebooks do not need and that past escapes used.

The namespaces already make most of these harmless; this takes the calls themselves away.
"""

from __future__ import annotations

import errno
import socket

import pyseccomp

_REFUSED = (
    # new namespaces, mounts and roots
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
    # other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
    # the cores of other submissions
    "sched_setaffinity",
    # memory of the kernel that no process holds, so that no limit would count it
    "memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open", "mq_unlink",
    # the kernel itself
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "keyctl", "add_key", "request_key", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct",
    "quotactl", "settimeofday", "clock_settime", "adjtimex", "sethostname", "setdomainname",
    "iopl", "ioperm", "syslog", "lookup_dcookie", "vhangup", "personality",
    "io_setup",  # counted for the whole machine
    "open_by_handle_at", "name_to_handle_at", "mknod", "mknodat",
)  # fmt: skip
# A watch on a shown file would tell what others read; who lacks the call looks at times instead.
_UNKNOWN = ("inotify_init", "inotify_init1", "fanotify_init", "fanotify_mark", "clone3")
# Done without effect: these calls would write out, or drop from memory, files of the machine.
_IDLE = ("sync", "syncfs")
_FADV_DONTNEED = 4
_CLONE_NAMESPACES = 0x7E020000 | 0x00000080
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_F_SETLEASE, _F_NOTIFY = 1024, 1026  # both tell when somebody else opens or reads a file
_RLIMIT_CPU = 0
_MAP_HUGETLB = 0x40000  # from a pool of the machine
_MAP_SHARED, _SHARED = 0x21, 0x23  # anonymous, and the bits that say so
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_TYPES = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
_PROTOCOLS = (0, socket.IPPROTO_TCP, socket.IPPROTO_UDP)
_ROUTE = 0  # the only one of netlink's protocols: it lists network interfaces
_INT = 0xFFFFFFFF  # the kernel reads an int argument without its upper half


class Filter:
    """A filter that is built once and loaded in every child.

    ``shared_bytes`` is how large one shared anonymous mapping may be; 0 where they are counted.
    Without ``network``, sockets are local: for a process without a network namespace.
    """

    def __init__(self, shared_bytes: int = 0, network: bool = True) -> None:
        self._filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        self._refuse(_REFUSED, errno.EPERM)
        # clone3 hides its flags behind a pointer; without it, libc falls back to clone
        self._refuse(_UNKNOWN, errno.ENOSYS)
        self._refuse(_IDLE, 0)
        for bit in range(32):
            flag = 1 << bit
            if flag & _CLONE_NAMESPACES:
                self._refuse(("clone",), errno.EPERM, _bits(0, flag, flag))
        for request in (_TIOCSTI, _TIOCLINUX):
            self._refuse(("ioctl",), errno.EPERM, _equals(1, request))
        for command in (_F_SETLEASE, _F_NOTIFY):
            self._refuse(("fcntl",), errno.EINVAL, _equals(1, command))
        self._refuse(("fadvise64",), 0, _equals(3, _FADV_DONTNEED))
        # a process that lowers it ends by a SIGKILL of the kernel's
        self._refuse(("setrlimit",), errno.EPERM, _equals(0, _RLIMIT_CPU))
        new_limit = pyseccomp.Arg(2, pyseccomp.NE, 0)
        self._refuse(("prlimit64",), errno.EPERM, _equals(1, _RLIMIT_CPU), new_limit)
        self._refuse(("mmap",), errno.ENOMEM, _bits(3, _MAP_HUGETLB, _MAP_HUGETLB))
        if shared_bytes:
            larger = pyseccomp.Arg(1, pyseccomp.GT, shared_bytes)
            self._refuse(("mmap",), errno.ENOMEM, larger, _bits(3, _SHARED, _MAP_SHARED))
        self._only_known_sockets(_FAMILIES if network else (socket.AF_UNIX,))

    def load(self) -> None:
        """Apply the filter to this process and its descendants."""
        self._filter.load()

    def _only_known_sockets(self, families: tuple[int, ...]) -> None:
        """Allow sockets that the namespaces confine: local, TCP, UDP, and lists of interfaces."""
        for unknown in _all_but(0, families):
            self._refuse(("socket",), errno.EAFNOSUPPORT, unknown)
        for unknown in _all_but(0, (socket.AF_UNIX,)):
            self._refuse(("socketpair",), errno.EAFNOSUPPORT, unknown)
        for family in (one for one in _INTERNET if one in families):
            for unknown in (kind for kind in range(16) if kind not in _TYPES):
                of_kind = _bits(1, 0xF, unknown)
                self._refuse(("socket",), errno.ESOCKTNOSUPPORT, _equals(0, family), of_kind)
            for unknown in _all_but(2, _PROTOCOLS):
                self._refuse(("socket",), errno.EPROTONOSUPPORT, _equals(0, family), unknown)
        for unknown in _all_but(2, (_ROUTE,)) if socket.AF_NETLINK in families else ():
            netlink = _equals(0, socket.AF_NETLINK)
            self._refuse(("socket",), errno.EPROTONOSUPPORT, netlink, unknown)

    def _refuse(self, calls: tuple[str, ...], error: int, *arguments: pyseccomp.Arg) -> None:
        for name in calls:
            try:
                self._filter.add_rule(pyseccomp.ERRNO(error), name, *arguments)
            except (RuntimeError, ValueError, OSError):
                if arguments:
                    raise
                continue  # a call that this architecture or library does not know


def _bits(index: int, mask: int, value: int) -> pyseccomp.Arg:
    return pyseccomp.Arg(index, pyseccomp.MASKED_EQ, mask, value)


def _equals(index: int, value: int) -> pyseccomp.Arg:
    """An argument of type int that has this value."""
    return _bits(index, _INT, value)


def _all_but(index: int, known: tuple[int, ...]) -> list[pyseccomp.Arg]:
    """Comparisons of an argument of type int that together hold for all but some small values."""
    last = max(known)
    between = [_equals(index, value) for value in range(last) if value not in known]
    return [*between, pyseccomp.Arg(index, pyseccomp.GT, last)]
