"""Ctrl-C in a run: a message, exit code 130, and finished results are kept."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from autograder.course.layout import Course
from tests.courses.small_class import finish, gradebook_of, left_behind, start
from tests.durability.conftest import Undisturbed
from tests.durability.processes import children, orphans_come_here, survivors

pytestmark = pytest.mark.slow


def interrupted(
    course: Course, when: Callable[[], bool], *options: str
) -> tuple[int, str, list[str]]:
    """Press Ctrl-C (SIGINT to the whole process group) when it is time: code, errors, survivors."""
    known = children()
    with orphans_come_here():
        process = start(course, *options)
        while process.poll() is None and not when():
            time.sleep(0.01)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=120)
        return process.returncode, err, survivors(known)


def recorded(course: Course) -> int:
    with contextlib.suppress(Exception):
        return len(gradebook_of(course)["submissions"])
    return 0


def test_ctrl_c_keeps_what_was_graded_and_the_same_command_goes_on(
    undisturbed: Undisturbed, handed_in: Course
) -> None:
    code, err, left = interrupted(handed_in, lambda: recorded(handed_in) >= 5)
    assert code == 130, err
    assert "finished results are kept, and the same command continues from there" in err
    assert len(err.strip().splitlines()) == 1
    assert not left
    kept = {row[0] for row in gradebook_of(handed_in)["submissions"]}
    assert len(kept) >= 5
    results = {path.parent.name for path in (handed_in.state / "results").rglob("*.json")}
    assert not (handed_in.root / "out.json").exists()
    code, out, err = finish(handed_in)
    assert code == 0, out + err
    assert left_behind(handed_in) == undisturbed.left_behind
    last = max((handed_in.state / "log").iterdir(), key=lambda path: path.stat().st_mtime)
    graded_again = [name for name in results if f'"student": "{name}"' in last.read_text()]
    assert graded_again == []


@pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("PRESSES", "1"))))
def test_ctrl_c_at_any_moment_is_one_line_and_leaves_no_process(
    undisturbed: Undisturbed, handed_in: Course, seed: int
) -> None:
    moment = time.monotonic() + random.Random(seed).uniform(2.0, undisturbed.seconds * 0.9)
    log = handed_in.state / "log"  # on a busy machine, Python may take longer to start
    code, err, left = interrupted(handed_in, lambda: time.monotonic() > moment and log.exists())
    assert not left
    if code in (0, -signal.SIGINT):  # the run was done, and Python was about to end
        assert (handed_in.root / "out.json").exists()
        assert not err
        return
    assert code == 130, err
    assert "stopped" in err
    assert len(err.strip().splitlines()) == 1, err


def test_ctrl_c_in_a_forced_run_says_that_nothing_was_written(
    undisturbed: Undisturbed, handed_in: Course
) -> None:
    assert finish(handed_in)[0] == 0
    logs = handed_in.state / "log"

    def halfway() -> bool:
        newest = max(logs.iterdir(), key=lambda path: path.name)
        return len(list(logs.iterdir())) == 2 and newest.read_text().count('"notebook", ') >= 2

    code, err, left = interrupted(handed_in, halfway, "--force")
    assert (code, left) == (130, []), err
    assert "--force writes points only after the last notebook" in err
    assert left_behind(handed_in) == undisturbed.left_behind
