"""How a student's process ended: by itself, at a limit, or by somebody's hand; and the log of it."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import DiskError
from autograder.proxy.errors import WallFailure
from autograder.proxy.process import StudentProcess
from autograder.results import GRADER_FAILED, NotebookResult, Outcome, Stop, StoredResult
from autograder.runs.log import RunLog
from autograder.sandbox.launcher import ForkServer
from autograder.wall.protocol import RunCell
from autograder.workers import worker as worker_module
from autograder.workers.pool import Loss, Pool
from autograder.workers.worker import Graded, Task, Work, Worker
from tests.courses.results import result
from tests.courses.tiny import SECRET, SMALL, Grade, Limited

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def failure_of(student: StudentProcess, source: str) -> WallFailure:
    with pytest.raises(WallFailure) as caught:
        student.ask(RunCell(source))
    assert student.failure is caught.value
    return caught.value


def soon(action: Any) -> None:
    threading.Timer(0.3, action).start()


LOOP = "while True: pass"


def test_a_student_killed_from_outside_did_not_end_itself(student: StudentProcess) -> None:
    soon(lambda: os.kill(student._watchdog._pid, signal.SIGKILL))
    found = failure_of(student, LOOP)
    assert (found.outcome, found.signal, found.from_outside) == (Outcome.CRASHED, "SIGKILL", True)


def test_a_student_cannot_make_it_look_as_if_somebody_else_had_killed_it(
    student: StudentProcess,
) -> None:
    source = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos._exit(5)"
    found = failure_of(student, source)
    assert not found.from_outside
    assert "exit code 5" in found.message


def test_a_student_lost_with_the_fork_server_is_our_failure() -> None:
    with ForkServer(replace(SMALL, warm_modules=("torch",))) as warm:
        student = StudentProcess(warm.start_student())
        assert warm._process is not None
        process = warm._process
        soon(lambda: os.killpg(process.pid, signal.SIGKILL))
        found = failure_of(student, LOOP)
    assert (found.outcome, found.message) == (Outcome.GRADER_ERROR, GRADER_FAILED)
    assert found.from_outside


@pytest.mark.parametrize(
    ("limits", "source", "limit", "kind"),
    [
        ({"cell_s": 0.4}, LOOP, "cell_s", Outcome.TIMED_OUT),
        ({"submission_s": 1.0}, LOOP, "submission_s", Outcome.TIMED_OUT),
        ({"cpu_s": 1.0}, LOOP, "cpu_s", Outcome.TIMED_OUT),
        (
            {"cpu_s": 2.0},
            f"import os\nfor _ in range(3): os.fork()\n{LOOP}",
            "cpu_s",
            Outcome.TIMED_OUT,
        ),
        ({}, "kept = bytearray(2 << 30)", None, None),  # refused by the kernel: the code's error
        (
            {"memory_mb": 200},
            "import torch\nkept = [torch.ones(10 << 20) for _ in range(12)]\n" + LOOP,
            "memory_mb",
            Outcome.OUT_OF_MEMORY,
        ),
        (
            {"processes": 4},
            "import os, signal\nfor _ in range(8):\n"
            "    if os.fork() == 0:\n        signal.pause()\n" + LOOP,
            "processes",
            Outcome.CRASHED,
        ),
    ],
)
def test_a_stop_names_the_cell_and_the_setting_that_ran_out(
    grade: Grade, limited: Limited, limits: Any, source: str, limit: str, kind: Outcome | None
) -> None:
    with limited(**limits):
        graded = grade({"add": source + "\n\ndef add(a, b):\n    return a + b"}).result
    if kind is None:
        assert graded.stops == ()
        return
    assert graded.stops[0] == Stop("cell 3", kind, limit, "SIGKILL")


def test_a_stop_in_a_test_names_the_test_and_survives_the_store(grade: Grade) -> None:
    ends = "import os\n\ndef add(a, b):\n    os._exit(3)"
    graded = grade({"add": ends}).result
    assert graded.stops == (Stop("test_add", Outcome.CRASHED),)
    stored = StoredResult("key", graded)
    assert StoredResult.from_json(stored.to_json()) == stored
    assert "stops" not in graded.public()


@pytest.mark.parametrize(
    ("first", "tries"),
    [
        (result(), 1),
        (result(stops=(Stop("cell 1", Outcome.CRASHED),)), 1),
        (result(stops=(Stop("cell 1", Outcome.CRASHED, None, "SIGKILL", True),)), 2),
        (result(outcome=Outcome.GRADER_ERROR), 2),
    ],
)
def test_a_notebook_is_graded_once_more_when_somebody_else_ended_it(
    tiny: NotebookBundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: NotebookResult,
    tries: int,
) -> None:
    class Stand(Worker):
        def __init__(self, work: Work) -> None:
            self.tries = 0

        def close(self) -> None: ...

        def renew(self) -> None: ...

        def grade(self, task: Task) -> Graded:
            self.tries += 1
            return Graded(first if self.tries == 1 else result(notes=("the second time",)))

    monkeypatch.setattr(worker_module, "Worker", Stand)
    with Pool(Work(tmp_path, SMALL, "bubblewrap", (tiny,), SECRET), 1) as pool:
        ((_, found),) = pool.grade([Task("ada", "01_tiny", "f", b"")])
    assert (found.result.notes == ("the second time",)) is (tries == 2)


# -- the log -------------------------------------------------------------------------------------

KEYS = [
    "run_id", "time", "event", "student", "notebook", "stage", "outcome", "limit", "signal",
    "duration_s", "cpu_s",
]  # fmt: skip


def lines_of(log: RunLog) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.path.read_text().splitlines()]


def test_every_line_has_the_documented_keys_and_a_notebook_its_limit_and_seconds(
    tiny_course: Course, grade: Grade, limited: Limited
) -> None:
    with limited(cell_s=0.4):
        slow = grade({"add": f"{LOOP}\n\ndef add(a, b):\n    return a + b"}).result
    crashed = grade({"add": "import os\nos._exit(1)\ndef add(a, b):\n    return 0"}).result
    with RunLog(tiny_course) as log:
        log.graded(slow)
        log.graded(crashed)
        log.lost(Loss("worker_died", Task("bob", "01_tiny", "f", b""), "SIGKILL", 1.23456))
        log.lost(Loss("worker_hung", None, None, 2.0))
    assert log.path == tiny_course.state / "log" / f"{log.run_id}.jsonl"
    lines = lines_of(log)
    assert all(list(line) == KEYS and line["run_id"] == log.run_id for line in lines)
    for line in lines:
        age = datetime.now(UTC) - datetime.fromisoformat(line["time"])
        assert timedelta(0) <= age < timedelta(minutes=1)
    assert [line["event"] for line in lines] == [
        "run_started", "limit", "notebook", "process_ended", "notebook", "worker_died",
        "worker_hung", "run_finished",
    ]  # fmt: skip
    limit, notebook, ended, _, died, hung, finished = lines[1:]
    assert (limit["stage"], limit["limit"], limit["signal"]) == ("cell 3", "cell_s", "SIGKILL")
    assert limit["outcome"] == "timed_out"
    assert (notebook["student"], notebook["notebook"]) == ("ada", "01_tiny")
    assert (notebook["stage"], notebook["limit"]) == ("notebook", "cell_s")
    assert notebook["outcome"] == slow.outcome.value
    assert notebook["duration_s"] == round(slow.seconds, 3) >= 0.4
    assert notebook["cpu_s"] > 0
    assert (ended["stage"], ended["limit"], ended["outcome"]) == ("cell 3", None, "crashed")
    assert (died["student"], died["stage"], died["signal"]) == ("bob", "worker", "SIGKILL")
    assert died["duration_s"] == 1.235
    assert (hung["student"], hung["notebook"], hung["signal"]) == (None, None, None)
    assert (finished["outcome"], finished["stage"]) == ("done", "run")


def test_a_run_that_ends_in_an_error_says_which(tiny_course: Course) -> None:
    with pytest.raises(KeyboardInterrupt), RunLog(tiny_course) as log:
        raise KeyboardInterrupt
    assert lines_of(log)[-1]["outcome"] == "KeyboardInterrupt"


def test_the_keys_are_documented() -> None:
    from autograder.runs import log

    assert all(f"``{key}``" in (log.__doc__ or "") for key in KEYS)


def test_a_log_on_a_full_disk_holds_no_half_line(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with pytest.raises(DiskError, match="the disk is full"), RunLog(tiny_course) as log:
        monkeypatch.setattr("autograder.runs.log.os.write", lambda fd, data: write(fd, data[:20]))
        log.graded(result())
    monkeypatch.undo()
    assert [line["event"] for line in lines_of(log)] == ["run_started"]
