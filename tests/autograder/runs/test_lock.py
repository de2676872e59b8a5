from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.runs.lock import alone

HOLD = """
import sys
from pathlib import Path
from autograder.course.layout import Course
from autograder.runs.lock import alone
with alone(Course.find(Path(sys.argv[1])), "tiny"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other(tiny_course: Course) -> subprocess.Popen[str]:
    """Another process that grades the tiny course's assignment."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tiny_course.root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_second_run_of_an_assignment_is_told_who_is_at_it(
    tiny_course: Course, other: subprocess.Popen[str]
) -> None:
    with pytest.raises(UsageError, match=rf"tiny is being graded already \(process {other.pid}, "):
        with alone(tiny_course, "tiny"):
            pass
    with alone(tiny_course, "another assignment"):
        pass
    other.communicate("\n", timeout=300)
    with alone(tiny_course, "tiny"):
        pass


def test_a_run_that_was_killed_holds_nothing(
    tiny_course: Course, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGKILL)
    other.communicate(timeout=300)
    with alone(tiny_course, "tiny"):
        pass
