"""A disk that is full at some moment of a run: a clear message, and nothing half written."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from tests.courses.small_class import COMMAND, ENVIRONMENT, gradebook_of, left_behind
from tests.durability.conftest import Undisturbed

pytestmark = pytest.mark.slow

# A file system of 4 MB that holds the course, with ROOM bytes left: grade, look, make room, grade.
SCRIPT = """
set -u
mount -t tmpfs -o size=4m tmpfs "$DISK"
cp -a "$COURSE/." "$DISK"
cd "$DISK"
dd if=/dev/zero of=filler bs=4096 count=100000 2> /dev/null
truncate -s -"$ROOM" filler
"$@" > "$TOLD/out1" 2> "$TOLD/err1"; echo $? > "$TOLD/code1"
mkdir "$TOLD/full"; rm -f filler; cp -a . "$TOLD/full"
"$@" > "$TOLD/out2" 2> "$TOLD/err2"; echo $? > "$TOLD/code2"
mkdir "$TOLD/whole"; cp -a . "$TOLD/whole"
"""


def namespaces() -> list[str]:
    """The command that gives a script mounts of its own here; skips where nothing does."""
    own = ["--mount"] if os.getuid() == 0 else ["--user", "--map-root-user", "--mount"]
    command = [shutil.which("unshare") or "unshare", *own, "--propagation", "private"]
    probe = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        if subprocess.run(probe, capture_output=True, timeout=300).returncode == 0:
            return command
    except OSError:
        pass
    pytest.skip("this machine gives no mounts to a process")


@pytest.mark.parametrize("room_kb", [0, 8, 120])
def test_a_disk_that_fills_up_is_said_and_what_was_graded_is_whole(
    room_kb: int, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    disk, told = tmp_path / "disk", tmp_path / "told"
    disk.mkdir()
    told.mkdir()
    command = [*COMMAND, "--workers", "2", "--json", "out.json"]
    if os.getuid() != 0:
        command += ["--sandbox", "process"]  # a sandbox cannot be built in a borrowed namespace
    done = subprocess.run(
        [*namespaces(), "sh", "-c", SCRIPT, "sh", *command],
        env=ENVIRONMENT
        | {
            "DISK": str(disk),
            "COURSE": str(undisturbed.course.root),
            "TOLD": str(told),
            "ROOM": str(room_kb << 10),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stderr == "", done.stderr
    assert not any(disk.iterdir())
    error = (told / "err1").read_text()
    print(f"\n{room_kb} KB free: {' '.join(error.split())[:200]}")
    assert (told / "code1").read_text() == "2\n", error
    words = " ".join(error.split())
    assert "disk is full" in words
    assert "finished results are kept" in words
    assert "Traceback" not in error
    all_of_it_can_be_read(Course.find(told / "full"), undisturbed)
    assert (told / "code2").read_text() == "0\n", (told / "err2").read_text()
    assert left_behind(Course.find(told / "whole")) == undisturbed.left_behind


def all_of_it_can_be_read(course: Course, undisturbed: Undisturbed) -> None:
    """Every file is complete, and every student in the gradebook has all grades and comments."""
    for path in course.autograded.rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
    for path in (course.state / "results").rglob("*.json"):
        json.loads(path.read_text())
    for path in (course.state / "log").rglob("*.jsonl"):
        for line in path.read_text().splitlines():
            json.loads(line)
    assert not list(course.root.rglob("*.partial"))
    assert not (course.root / "out.json").exists()
    found, whole = gradebook_of(course), undisturbed.left_behind["gradebook"]
    for kind in ("submissions", "notebooks", "grade", "comment"):
        recorded = {row[0] for row in found["submissions"]}
        assert found[kind] == [row for row in whole[kind] if row[0] in recorded]


def test_a_limit_on_the_size_of_files_is_said_too(handed_in: Course) -> None:
    """The effect of a quota: the gradebook cannot grow."""
    handed_in.gradebook.unlink()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, 64 << 10))

    done = subprocess.run(
        [*COMMAND, "--workers", "1"],
        cwd=handed_in.root, env=ENVIRONMENT, capture_output=True, text=True, preexec_fn=limit,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert "the disk is full or failing" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(handed_in.gradebook)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_a_full_disk_anywhere_else_is_one_message_as_well() -> None:
    source = (
        "import errno, sys; from autograder.cli import app as cli\n"
        "def app(): raise OSError(errno.ENOSPC, 'No space left on device', '/tmp/x')\n"
        "cli.app = app; cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "the disk is full: /tmp/x could not be written" in done.stderr
