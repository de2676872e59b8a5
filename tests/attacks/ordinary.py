"""Runs a Python program as an ordinary user, from a process that is root."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNUSED_ID = 61100  # of no account, and of no worker of root's
needs_root = pytest.mark.skipif(
    os.getuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv", "bwrap"))),
    reason="needs root, unshare, setpriv and bwrap",
)


def run_as_ordinary_user(program: str, home: Path) -> str:
    """The output of a Python program run as an ordinary user; skips the test without a user."""
    become = (
        f"exec setpriv --reuid={UNUSED_ID} --regid={UNUSED_ID} --clear-groups "
        f'{shlex.quote(sys.executable)} -c "$0" {home}'
    )
    script = "\n".join(
        ["set -e", *_opened({Path(sys.base_prefix), Path(sys.prefix), ROOT}), become]
    )
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script, program],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home),
            "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=900,
    )  # fmt: skip
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine lets root make no mounts: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@contextmanager
def home_of_ordinary_user() -> Iterator[Path]:
    """A home folder for that user; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ordinary-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir()
        os.chown(home, UNUSED_ID, UNUSED_ID)
        yield home


def _closed_to_others(path: Path) -> Path | None:
    """The topmost folder on the way to a path that others may not enter."""
    for folder in reversed([path, *path.parents]):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def _opened(paths: set[Path]) -> list[str]:
    """Shell commands that show these paths to others, for a private mount namespace."""
    commands = []
    for path in sorted(paths):
        if (closed := _closed_to_others(path)) is not None:
            aside, there = "$(mktemp -d)", shlex.quote(str(path))
            commands += [
                f"aside={aside}",
                f"mount --bind {there} $aside",
                f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(closed))}",
                f"mkdir -p {there}",
                f"mount --move $aside {there}",
                "rmdir $aside",
            ]
    return commands
