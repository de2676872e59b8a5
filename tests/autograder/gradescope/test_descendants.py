from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# A child, a grandchild that left its session and lost its parent, and a child without end of forks.
PROGRAM = """
import os, sys, time
from autograder.gradescope.descendants import adopt_orphans, end_descendants

assert end_descendants() == 0
adopt_orphans()
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(write, f"{os.getpid()} ".encode())
        while True:
            time.sleep(60)
    if os.fork() == 0:
        os.write(write, f"{os.getpid()} ".encode())
        while True:
            if os.fork() != 0:
                os._exit(0)
            os.write(write, f"{os.getpid()} ".encode())
            time.sleep(0.01)
    os._exit(0)
other = os.fork()
if other == 0:
    while True:
        time.sleep(60)
started = b""
while len(started.split()) < 5:
    started += os.read(read, 4096)
assert end_descendants() == 0
os.set_blocking(read, False)
time.sleep(0.1)
try:
    while data := os.read(read, 4096):
        started += data
except BlockingIOError:
    pass
for pid in [other, *map(int, started.split())]:
    assert not os.path.exists(f"/proc/{pid}"), pid
print("gone")
"""


def test_all_descendants_end_also_those_without_a_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[3],
    )
    assert (done.stdout, done.stderr) == ("gone\n", "")
