"""A part of the suite as an ordinary user, who sandboxes by another way than root."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.attacks

ROOT = Path(__file__).resolve().parents[2]
UNUSED_ID = 61185
ROWS = tuple(map(int, os.environ.get("ATTACK_ROWS", "8 9 14").split()))
RUN = f"""
import json, sys
from pathlib import Path
from tests.attacks.batch import problems, run_batch
from tests.attacks.suite import ATTACKS
chosen = [attack for attack in ATTACKS if attack.row in {ROWS}]
full, alone = run_batch(Path(sys.argv[1]), chosen)
print(json.dumps({{"problems": problems(full, alone, chosen), "count": len(chosen)}}))
"""


def closed_to_others(path: Path) -> Path | None:
    """The topmost folder on the way to a path that others may not enter."""
    for folder in reversed([path, *path.parents]):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def opened(paths: set[Path]) -> list[str]:
    """Shell commands that show these paths to others, for a private mount namespace."""
    commands = []
    for path in sorted(paths):
        if (closed := closed_to_others(path)) is not None:
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


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="the whole suite runs as an ordinary user already")
@pytest.mark.skipif(
    not all(shutil.which(name) for name in ("unshare", "setpriv", "bwrap")),
    reason="unshare, setpriv or bwrap is not installed",
)
def test_an_ordinary_user_is_as_safe_as_root() -> None:
    with tempfile.TemporaryDirectory(prefix="ordinary-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir()
        os.chown(home, UNUSED_ID, UNUSED_ID)
        become = (
            f"exec setpriv --reuid={UNUSED_ID} --regid={UNUSED_ID} --clear-groups "
            f'{shlex.quote(sys.executable)} -c "$0" {home}'
        )
        script = "\n".join(
            ["set -e", *opened({Path(sys.base_prefix), Path(sys.prefix), ROOT}), become]
        )
        done = subprocess.run(
            ["unshare", "--mount", "bash", "-c", script, RUN],
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
        told = json.loads(done.stdout.splitlines()[-1])
        assert told["problems"] == []
        assert told["count"] >= 25
