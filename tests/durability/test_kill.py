"""``kill -9`` of any process of a run at any moment, then the same command: the same gradebook.

``KILLS=100 python -m pytest tests/durability/test_kill.py -s`` is the long soak; ``SEED=7`` starts
at another seed. Each round prints its seed, the killed process and the time.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time

import psutil
import pytest

from autograder.course.layout import Course
from tests.courses.small_class import STUDENTS, finish, left_behind, start
from tests.durability.conftest import Undisturbed
from tests.durability.processes import KINDS, children, of_kind, orphans_come_here, survivors

pytestmark = pytest.mark.slow

FIRST = int(os.environ.get("SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("KILLS", "4")))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kill_at_any_moment_and_the_same_command_give_the_same_gradebook(
    seed: int, undisturbed: Undisturbed, handed_in: Course
) -> None:
    chance = random.Random(seed)
    kind = KINDS[(seed - 1) % len(KINDS)]
    expected = undisturbed.left_behind
    if chance.random() < 0.5:
        handed_in.gradebook.unlink()  # then the run makes it
        expected = undisturbed.left_behind_anew
    graded = -1 if chance.random() < 0.2 else chance.randrange(len(STUDENTS))
    wait_s = chance.uniform(0, 0.5 * undisturbed.seconds if graded < 0 else 0.8)
    known = children()
    with orphans_come_here():
        process = start(handed_in)
        began = time.monotonic()
        while process.poll() is None and results_of(handed_in) < graded:
            time.sleep(0.005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait_s)
        victim = kill_one(process.pid, kind, chance)
        killed_s = time.monotonic() - began
        out, err = process.communicate(timeout=300)
        left = survivors(known)
    print(
        f"\nseed {seed}: {kind} ({victim}) killed after {killed_s:.2f} s, "
        f"exit code {process.returncode}"
    )
    assert not left, f"still there: {left}"
    assert "Traceback" not in err, err
    if victim is None or kind != "main":
        assert process.returncode in (0, 2), out + err  # 2: it was not ready yet
    if process.returncode == 0:
        assert left_behind(handed_in) == expected
    code, out, err = finish(handed_in)
    assert code == 0, out + err
    assert left_behind(handed_in) == expected


def results_of(course: Course) -> int:
    """How many results are stored."""
    return len(list((course.state / "results").rglob("[!.]*.json")))


def kill_one(main: int, kind: str, chance: random.Random) -> str | None:
    """Kill a process of this kind as soon as there is one; return its description, or None."""
    while True:
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            if psutil.Process(main).status() == psutil.STATUS_ZOMBIE:
                return None
            victim = chance.choice(of_kind(main, kind))
            told = f"{victim.pid} {' '.join(victim.cmdline())[:60]}"
            victim.send_signal(signal.SIGKILL)
            return told
        if not psutil.pid_exists(main):
            return None
        time.sleep(0.01)
