"""A system-call filter: what no notebook needs and what past escapes were made of.

The namespaces already make most of these harmless; this takes the calls themselves away.
"""

from __future__ import annotations

import errno

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
    "memfd_create", "memfd_secret", "shmget", "msgget", "semget",
    # the kernel itself
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "keyctl", "add_key", "request_key", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct",
    "quotactl", "settimeofday", "clock_settime", "adjtimex", "sethostname", "setdomainname",
    "iopl", "ioperm", "syslog", "lookup_dcookie", "vhangup", "personality",
    "open_by_handle_at", "name_to_handle_at", "mknod", "mknodat",
)  # fmt: skip
_CLONE_NAMESPACES = 0x7E020000 | 0x00000080
_TIOCSTI = 0x5412


class Filter:
    """A filter that is built once and loaded in every child."""

    def __init__(self) -> None:
        refuse = pyseccomp.ERRNO(errno.EPERM)
        self._filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in _REFUSED:
            try:
                self._filter.add_rule(refuse, name)
            except (RuntimeError, ValueError, OSError):
                continue  # a call that this architecture or library does not know
        for bit in range(32):
            flag = 1 << bit
            if flag & _CLONE_NAMESPACES:
                self._filter.add_rule(
                    refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
                )
        # clone3 hides its flags behind a pointer; without it, libc falls back to clone
        self._filter.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
        self._filter.add_rule(refuse, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, _TIOCSTI))

    def load(self) -> None:
        """Apply the filter to this process and all that it starts."""
        self._filter.load()
