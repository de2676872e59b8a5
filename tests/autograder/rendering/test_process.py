from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.rendering.process import _cpu_s

# The child uses 0.3 s of processor time, prints its own count, and waits for its end.
BUSY = """
import sys, time
while time.process_time() < 0.3:
    pass
print(time.process_time(), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["python", "a) R 1 (b c"])
def test_processor_seconds_are_those_that_the_process_counts_itself(
    tmp_path: Path, name: str
) -> None:
    program = tmp_path / name  # the kernel shows the name of the file, in parentheses
    program.symlink_to(os.path.realpath(sys.executable))
    with subprocess.Popen(
        [program, "-S", "-E", "-c", BUSY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONHOME": sys.base_prefix},
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        told = float(child.stdout.readline())
        assert _cpu_s(child) == pytest.approx(told, abs=0.1)
        child.stdin.close()
        child.wait(timeout=300)
        assert _cpu_s(child) == 0.0
