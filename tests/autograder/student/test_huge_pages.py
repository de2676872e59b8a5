from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.student import huge_pages

FORKS = """
import os, resource
from autograder.student.huge_pages import use_large_pages

def large_kb():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages"))

held = [bytes([n % 251]) * 1000 for n in range(40_000)]
before = large_kb()
pages = use_large_pages()
print(pages, large_kb() - before)
if os.fork() == 0:
    held[7] = None
    held.append([bytearray(b"x") * 1000 for _ in range(100)])
    os._exit(0)
assert os.wait()[1] == 0
assert all(text == bytes([n % 251]) * 1000 for n, text in enumerate(held))
"""


def test_what_a_process_holds_stays_what_it_is_and_lies_in_large_pages() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=60, check=True
    )
    pages, grown_kb = map(int, done.stdout.split())
    assert grown_kb <= pages << 11
    if pages == 0:
        pytest.skip("this kernel has no large pages to give")
    assert grown_kb > 10 << 10  # of the 40 MB held


def test_only_whole_large_pages_of_its_own_memory_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mappings = """\
00400000-01000000 r-xp 00000000 fe:00 1234 /usr/bin/python3
01200000-01700000 rw-p 00000000 00:00 0 [heap]
02100000-02300000 rw-p 00000000 00:00 0
03000000-03200000 rw-p 00000000 00:00 0
04000000-04400000 rw-p 00000000 fe:00 1234 /usr/lib/libtorch.so
05000000-05400000 rw-s 00000000 00:00 0
7ffc0000000-7ffc0400000 rw-p 00000000 00:00 0 [stack]
"""
    monkeypatch.setattr(huge_pages, "_mappings", lambda: mappings.splitlines())
    assert list(huge_pages._large_pages()) == [0x1200000, 0x1400000, 0x3000000]
