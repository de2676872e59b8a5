from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.jail import landlock

pytestmark = pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")

RESTRICTED = """
import os, signal, sys
from pathlib import Path
from autograder.jail import jail, landlock
jail.drop_privileges()
assert landlock.restrict(writable=(sys.argv[1],))
for action in sys.argv[2:]:
    try:
        eval(action)
    except OSError:
        print("refused")
    else:
        print("done")
"""


def restricted(folder: Path, *actions: str) -> list[str]:
    """The results of some actions in a process that may write in one folder."""
    done = subprocess.run(
        [sys.executable, "-c", RESTRICTED, str(folder), *actions],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
        timeout=300,
    )  # fmt: skip
    return done.stdout.split()


def test_it_may_write_in_its_own_folder_and_in_no_other(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "kept").write_text("kept")
    assert (
        restricted(
            own,
            f"Path('{own}/new').write_text('x')",
            f"os.rename('{own}/new', '{own}/moved')",
            f"os.mkfifo('{own}/fifo')",
            f"Path('{other}/new').write_text('x')",
            f"Path('{other}/kept').write_text('lost')",
            f"os.truncate('{other}/kept', 0)",
            f"os.remove('{other}/kept')",
            f"os.rename('{other}/kept', '{own}/kept')",
            f"os.link('{other}/kept', '{own}/linked')",
            f"os.mkdir('{other}/folder')",
        )
        == ["done"] * 3 + ["refused"] * 7
    )
    assert (other / "kept").read_text() == "kept"
    assert [path.name for path in other.iterdir()] == ["kept"]


def test_it_may_read_elsewhere_and_use_the_null_device(tmp_path: Path) -> None:
    actions = (
        "os.listdir('/usr')",
        "open('/etc/passwd').read()",
        "open('/dev/null', 'w').write('')",
    )
    assert restricted(tmp_path, *actions) == ["done"] * 3


def test_it_cannot_make_a_device_even_in_its_own_folder(tmp_path: Path) -> None:
    assert restricted(tmp_path, f"os.mknod('{tmp_path}/null', 0o20666, os.makedev(1, 3))") == [
        "refused"
    ]


@pytest.mark.skipif(landlock.version() < 6, reason="signals are told apart since version 6")
def test_it_can_signal_itself_and_nobody_outside(tmp_path: Path) -> None:
    actions = ("os.kill(os.getpid(), 0)", f"os.kill({os.getpid()}, 0)")
    assert restricted(tmp_path, *actions) == ["done", "refused"]


def test_a_kernel_without_it_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert not landlock.restrict((str(tmp_path),))
