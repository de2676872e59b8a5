from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.config.settings import Settings
from autograder.sandbox import cgroup
from autograder.sandbox.cgroup import ControlGroup, places, sweep

SMALL = replace(Settings(), memory_mb=200, scratch_mb=1)
FILL = "import sys; sys.stdin.readline(); held = bytearray(600 << 20); print('held')"


@pytest.fixture
def group() -> Iterator[ControlGroup]:
    made = ControlGroup.create(SMALL)
    if made is None:
        pytest.skip("this machine lends no control group with a limit on memory")
    yield made
    made.close()


def waiting(program: str) -> subprocess.Popen[str]:
    """A Python program that waits for a line before it goes on."""
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_kernel_kills_what_holds_more_than_the_limit(group: ControlGroup) -> None:
    process = waiting(FILL)
    group.take(process.pid)
    assert not group.ran_out()
    printed, _ = process.communicate("go\n", timeout=300)
    assert (printed, process.returncode) == ("", -9)
    assert group.ran_out()


def test_what_a_member_starts_is_in_the_group_too(group: ControlGroup) -> None:
    start = f"import subprocess, sys; sys.stdin.readline(); print(subprocess.call([sys.executable, '-c', {FILL!r}], stdin=subprocess.DEVNULL))"
    process = waiting(start)
    group.take(process.pid)
    printed, _ = process.communicate("go\n", timeout=300)
    assert printed.strip() == "-9"
    assert group.ran_out()


def test_closing_ends_what_is_left_and_removes_the_group(group: ControlGroup) -> None:
    process = waiting("input()")
    group.take(process.pid)
    folder = group._folder
    group.close()
    process.communicate(timeout=300)
    assert process.returncode == -9
    assert not folder.exists()


def test_a_group_of_a_grader_that_was_killed_is_swept_away_and_a_living_one_is_not(
    group: ControlGroup,
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=300)
    left = group._folder.with_name(f"autograder-{gone.pid}-0")
    left.mkdir()
    sweep()
    assert not left.exists()
    assert group._folder.exists()


# -- where groups can be made, on machines other than this one --------------------------------------


def machine(tmp_path: Path, mounts: str, membership: str) -> Path:
    """A /proc/self of some machine whose control groups are mounted in tmp_path."""
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "mountinfo").write_text(mounts.replace("@", str(tmp_path)))
    (proc / "cgroup").write_text(membership)
    return proc


def group_of_version_2(folder: Path, lent: str = "", members: str = "") -> Path:
    """A folder that looks like a group of version 2."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.controllers").write_text("cpu memory pids\n")
    (folder / "cgroup.subtree_control").write_text(lent)
    (folder / "cgroup.procs").write_text(members)
    return folder


UNIFIED = "30 23 0:26 / @ rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_a_group_that_lends_memory_already_is_used(tmp_path: Path) -> None:
    own = group_of_version_2(tmp_path / "user.slice/run.scope", lent="memory pids\n")
    proc = machine(tmp_path, UNIFIED, "0::/user.slice/run.scope\n")
    assert [(place.folder, place.version) for place in places(proc)] == [(own, 2)]


def test_a_scope_of_ones_own_is_made_to_lend(tmp_path: Path) -> None:
    own = group_of_version_2(tmp_path / "run.scope", members=f"{os.getpid()}\n")
    group_of_version_2(own / "autograder.grader")
    proc = machine(tmp_path, UNIFIED, "0::/run.scope\n")
    assert [place.folder for place in places(proc)] == [own]
    assert (own / "cgroup.subtree_control").read_text() == "+memory"
    assert (own / "autograder.grader/cgroup.procs").read_text() == str(os.getpid())


def test_after_moving_aside_the_group_above_is_used(tmp_path: Path) -> None:
    own = group_of_version_2(tmp_path / "run.scope", lent="memory\n")
    group_of_version_2(own / "autograder.grader", members=f"{os.getpid()}\n")
    proc = machine(tmp_path, UNIFIED, "0::/run.scope/autograder.grader\n")
    assert [place.folder for place in places(proc)] == [own]


def test_a_group_that_holds_others_processes_is_left_alone(tmp_path: Path) -> None:
    own = group_of_version_2(tmp_path / "session.scope", members=f"1\n{os.getpid()}\n")
    proc = machine(tmp_path, UNIFIED, "0::/session.scope\n")
    assert list(places(proc)) == []
    assert (own / "cgroup.subtree_control").read_text() == ""
    assert not (own / "autograder.grader").exists()


def test_a_container_that_sees_a_part_of_version_1_is_understood(tmp_path: Path) -> None:
    mounts = "31 23 0:27 /docker/ab @/memory rw - cgroup cgroup rw,memory\n"
    proc = machine(tmp_path, mounts, "9:name=systemd:/docker/ab\n4:memory:/docker/ab/in\n")
    assert [(place.folder, place.version) for place in places(proc)] == [
        (tmp_path / "memory" / "in", 1)
    ]


def test_a_machine_without_control_groups_has_no_place(tmp_path: Path) -> None:
    assert list(places(machine(tmp_path, "22 1 0:5 / /proc rw - proc proc rw\n", "0::/\n"))) == []
    assert list(places(tmp_path / "nothing")) == []


def test_where_a_group_cannot_be_limited_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.write_text("not a folder")
    monkeypatch.setattr(cgroup, "places", lambda: [cgroup.Place(closed, 2)])
    assert ControlGroup.create(SMALL) is None
