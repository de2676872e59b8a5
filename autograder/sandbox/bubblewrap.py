"""The command line of bubblewrap, and the environment of the processes in it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from autograder.errors import SandboxUnavailable
from autograder.jail import jail
from autograder.sandbox.view import ENGINE, ENVIRONMENT, hidden, own_base_prefix, shown

KINDS = ("bubblewrap", "process")


def clean_environment() -> dict[str, str]:
    """The whole environment of the student world; nothing is inherited."""
    return {
        "PATH": f"{ENVIRONMENT}/bin:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "student",
        "LOGNAME": "student",
        "HOME": jail.HOME,
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": jail.MATPLOTLIB,
        "OMP_NUM_THREADS": "1",
        # Keep freed memory: asking the kernel for it again costs more than running most cells.
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def python_inside() -> str:
    """Where the sandbox shows the Python that runs now."""
    if sys.prefix == "/usr":
        return sys.executable
    return f"{ENVIRONMENT}/{Path(sys.executable).relative_to(sys.prefix)}"


def bubblewrap() -> list[str]:
    """Bubblewrap's command line, up to the program that it starts.

    Raises SandboxUnavailable where it is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable(
            "bubblewrap is not installed, so submissions cannot be isolated.\n"
            "Install it (Debian, Ubuntu: apt-get install bubblewrap), or, for submissions that you "
            "trust, ask for the weak mode by name: --sandbox process"
        )
    view: list[str] = []
    if own_base_prefix():
        for parent in reversed(Path(sys.base_prefix).parents[:-1]):
            view += ["--perms", "0755", "--dir", str(parent)]
    for folder in ("/etc", ENGINE, f"{ENGINE}/autograder"):
        view += ["--perms", "0755", "--dir", folder]
    for one in shown():
        view += one.arguments
    for folder in hidden():
        view += ["--tmpfs", folder, "--remount-ro", folder]
    as_root = ["CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN", "CAP_MKNOD"] if os.getuid() == 0 else []
    return [
        program,
        "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
        *(["--unshare-user"] if os.getuid() != 0 else []),
        *(part for name in as_root for part in ("--cap-add", name)),
        "--die-with-parent", "--new-session",
        *view,
        "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chmod", "1777", "/tmp",
        "--remount-ro", "/dev", "--remount-ro", "/",
        "--chdir", "/tmp",
        "--",
    ]  # fmt: skip


def describe(kind: str) -> str:
    """One line on how strong a sandbox is, for summaries."""
    if kind == "process":
        return "process (WEAK: submissions can read your files and use the network)"
    return "bubblewrap (no network, no files of yours)"
