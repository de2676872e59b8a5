from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

import pytest

from autograder import atomic_write
from autograder.atomic_write import write_whole
from autograder.errors import DiskError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_and_its_folder_are_written_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_whole(path, "grün\r\n")
    assert path.read_bytes() == "grün\r\n".encode()
    write_whole(path, b"\x00")
    assert path.read_bytes() == b"\x00"
    assert names(path.parent) == ["b.txt"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EFBIG, "the disk is full"),
        (errno.EIO, "could not be written"),
    ],
)
def test_what_was_there_stays_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    path = tmp_path / "b.txt"
    path.write_text("before")

    def fail(fd: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(atomic_write.os, "fsync", fail)
    with pytest.raises(DiskError, match=words) as caught:
        write_whole(path, "after")
    assert str(path) in str(caught.value)
    assert path.read_text() == "before"
    assert names(tmp_path) == ["b.txt"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="could not be written: File exists"):
        write_whole(tmp_path / "file" / "b.txt", "x")


def test_what_killed_writers_left_is_removed_and_what_living_ones_write_is_not(
    tmp_path: Path,
) -> None:
    dead = 2**22 + 1  # above the highest pid that Linux gives out
    for left in (dead, 2**70, "x", os.getppid()):
        (tmp_path / f".b.txt.{left}.partial").touch()
    (tmp_path / f".c.txt.{dead}.partial").touch()
    write_whole(tmp_path / "b.txt", "x")
    assert names(tmp_path) == sorted(
        ["b.txt", f".b.txt.{os.getppid()}.partial", f".c.txt.{dead}.partial"]
    )


def test_a_process_of_another_user_is_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, signal: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "kill", refuse)
    assert atomic_write._is_running(1)


def test_the_engine_and_the_site_run_without_psutil() -> None:
    root = Path(__file__).resolve().parents[2]
    files = [path for name in ("autograder", "classroom") for path in (root / name).rglob("*.py")]
    assert len(files) > 100
    assert [path for path in files if re.search(r"\bpsutil\b", path.read_text())] == []


def test_only_its_owner_can_read_a_private_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, modes = tmp_path / "class.html", []
    path.write_text("open to all")
    path.chmod(0o644)
    fsync = os.fsync

    def noted(number: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(number).st_mode))
        fsync(number)

    monkeypatch.setattr(os, "fsync", noted)
    write_whole(path, "points", is_private=True)
    assert modes == [0o600]  # before it has its name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
