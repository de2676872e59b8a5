"""The grader's end of a student process: how it ended, and descriptors of any number."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from autograder.sandbox.channel import Channel, ExitStatus
from autograder.sandbox.launcher import raise_file_limit
from tests.courses.tiny import SMALL


@pytest.fixture
def status() -> Iterator[tuple[Channel, int]]:
    """A channel to a process that sleeps, and the end of the pipe that tells how it ended."""
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    channel = Channel(ours, reading, child.pid, SMALL)
    with theirs:
        yield channel, writing
    channel.kill()
    channel.wait()
    assert child.wait(timeout=300) == -9
    channel.close()
    assert channel.kill() is False


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"exit": 3, "cpu_s": 1.5, "untouched": True}, ExitStatus(3, 1.5, True)),
        ({"exit": -9, "cpu_s": 2}, ExitStatus(-9, 2.0)),
        ({"setup_error": "no"}, ExitStatus()),
        ({"exit": "3", "untouched": 1}, ExitStatus()),
    ],
)
def test_how_a_process_ended_is_read_from_its_parent(
    status: tuple[Channel, int], told: dict[str, object], expected: ExitStatus
) -> None:
    channel, writing = status
    assert channel.exit_status(0.0) == ExitStatus()  # the process has not ended
    os.write(writing, json.dumps(told).encode())
    assert channel.exit_status(5.0) == expected
    os.close(writing)
    assert channel.exit_status(5.0) is None  # the end is reported once


def test_a_status_that_is_cut_off_tells_nothing(status: tuple[Channel, int]) -> None:
    channel, writing = status
    os.write(writing, b'{"exit": ')
    assert channel.exit_status(5.0) == ExitStatus()
    os.close(writing)


def test_descriptors_may_have_numbers_that_select_does_not_take() -> None:
    raise_file_limit()
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] <= 3000:
        pytest.skip("this machine allows few descriptors")
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    high = fcntl.fcntl(reading, fcntl.F_DUPFD, 2000)
    os.close(reading)
    child = subprocess.Popen([sys.executable, "-c", ""])
    channel = Channel(ours, high, child.pid, SMALL)
    os.write(writing, b'{"exit": 0}')
    os.close(writing)
    assert channel.exit_status(5.0) == ExitStatus(0)
    channel.wait()
    child.wait(timeout=300)
    channel.close()
    theirs.close()
