from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from autograder.course.source import NotebookBundle
from autograder.errors import AutograderError, SandboxUnavailable
from autograder.results import NotebookResult, Outcome
from autograder.sandbox.affinity import usable_cores
from autograder.workers import pool as pool_module
from autograder.workers import worker as worker_module
from autograder.workers.pool import STOP_S, Pool
from autograder.workers.worker import Graded, Task, Work, Worker
from tests.courses.handed_in import as_bytes, as_handed_in
from tests.courses.tiny import SECRET, SMALL

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.fixture
def work(tiny: NotebookBundle, tiny_root: Path) -> Work:
    return Work(tiny_root, SMALL, "bubblewrap", (tiny,), SECRET)


def task(tiny: NotebookBundle, student: str, data: bytes | None = None) -> Task:
    right = as_bytes(as_handed_in(tiny))
    return Task(student, "01_tiny", "01_tiny.ipynb", right if data is None else data)


class Stand(Worker):
    """A worker without a sandbox, whose tasks say what becomes of them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        mark = work.course_root / "starts"
        mark.open("a").write("x") if mark.exists() else None

    def close(self) -> None: ...

    def renew(self) -> None: ...

    def grade(self, task: Task) -> Graded:
        assert isinstance(task.data, bytes)
        order = task.data.decode()
        if order == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if order == "die once" and not (self._work.course_root / "died").exists():
            (self._work.course_root / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if order == "wait":
            signal.pause()
        if order == "convolve":
            torch.nn.functional.conv2d(torch.ones(8, 16, 64, 64), torch.ones(16, 16, 5, 5))
        return Graded(NotebookResult(task.student, "tiny", task.notebook, ()))


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, tiny: NotebookBundle, tmp_path: Path) -> Work:
    monkeypatch.setattr(worker_module, "Worker", Stand)
    return Work(tmp_path, SMALL, "bubblewrap", (tiny,), SECRET)


def orders(**given: str) -> list[Task]:
    return [Task(name, "01_tiny", "f.ipynb", order.encode()) for name, order in given.items()]


def graded(pool: Pool, tasks: list[Task]) -> dict[str, Outcome]:
    return {task.student: graded.result.outcome for task, graded in pool.grade(tasks)}


def test_a_worker_grades_and_an_unreadable_file_is_its_own_outcome(
    work: Work, tiny: NotebookBundle
) -> None:
    with Pool(work, 1) as pool:
        results = {
            task.student: graded.result
            for task, graded in pool.grade(
                [task(tiny, "ada"), task(tiny, "bob", b"{ broken"), task(tiny, "cyd", b"")]
            )
        }
    assert results["ada"].points == 9
    assert results["ada"].sandbox == "bubblewrap"
    assert {results[name].outcome for name in ("bob", "cyd")} == {Outcome.UNREADABLE}
    (note,) = results["bob"].notes
    assert note.startswith("01_tiny.ipynb could not be read: the file is not JSON")
    assert "hand it in once more" in note
    assert [test.grade_id for test in results["bob"].tests] == ["test_add", "test_scale", "why"]


def test_every_task_comes_back_once_whatever_the_number_of_workers(stand: Work) -> None:
    tasks = orders(**{f"s{n}": "fine" for n in range(20)})
    for workers in (1, 3):
        with Pool(stand, workers) as pool:
            done = [task.student for task, _ in pool.grade(tasks)]
        assert sorted(done) == sorted(task.student for task in tasks)


def test_a_pool_can_be_used_again_and_for_nothing(stand: Work) -> None:
    with Pool(stand, 2) as pool:
        assert graded(pool, []) == {}
        assert graded(pool, orders(a="fine")) == {"a": Outcome.PASSED}
        assert graded(pool, orders(b="fine")) == {"b": Outcome.PASSED}


def test_a_task_whose_worker_died_is_tried_once_more(stand: Work) -> None:
    with Pool(stand, 1) as pool:
        assert graded(pool, orders(a="fine", b="die once", c="fine")) == dict.fromkeys(
            "abc", Outcome.PASSED
        )


def test_a_task_that_kills_its_worker_twice_is_a_grader_error_and_the_others_go_on(
    stand: Work,
) -> None:
    with Pool(stand, 2) as pool:
        tasks = orders(a="fine", b="die", c="fine", d="fine")
        results = {task.student: graded.result for task, graded in pool.grade(tasks)}
    assert {name for name, r in results.items() if r.outcome is Outcome.PASSED} == {*"acd"}
    lost = results["b"]
    assert lost.outcome is Outcome.GRADER_ERROR
    assert lost.points == 0
    assert {test.outcome for test in lost.tests} == {Outcome.GRADER_ERROR}
    assert "died 2 times" in lost.tests[0].log


def test_a_worker_that_hangs_is_a_grader_error_of_its_task_and_the_others_go_on(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_S", 1.0)
    limited = replace(stand, settings=replace(SMALL, submission_s=0.1))
    with Pool(limited, 1) as pool:
        tasks = orders(a="fine", b="wait", c="fine")
        results = {task.student: graded.result for task, graded in pool.grade(tasks)}
    assert {name for name, r in results.items() if r.outcome is Outcome.PASSED} == {*"ac"}
    assert results["b"].outcome is Outcome.GRADER_ERROR
    assert "hung" in results["b"].tests[0].log


def test_workers_compute_although_the_main_process_has_used_threads(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_S", 20.0)
    limited = replace(stand, settings=replace(SMALL, submission_s=1.0))
    torch.set_num_threads(2)
    try:
        torch.nn.functional.conv2d(torch.ones(8, 16, 64, 64), torch.ones(16, 16, 5, 5))
        with Pool(limited, 1) as pool:
            assert graded(pool, orders(a="convolve")) == {"a": Outcome.PASSED}
    finally:
        torch.set_num_threads(1)


def test_each_worker_of_a_full_machine_has_a_core_to_itself(stand: Work) -> None:
    cores = usable_cores()
    with Pool(stand, len(cores)) as pool:
        assert held(pool, len(cores)) == [[core] for core in cores]
        assert graded(pool, orders(a="die once")) == {"a": Outcome.PASSED}
        assert held(pool, len(cores)) == [[core] for core in cores]  # also the next task
    with Pool(stand, len(cores) + 1) as pool:
        assert held(pool, len(cores) + 1) == [cores] * (len(cores) + 1)


def test_a_worker_whose_core_is_gone_grades_on_another(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "cores_for", lambda workers: [max(usable_cores()) + 4096])
    with Pool(stand, 1) as pool:
        assert graded(pool, orders(a="fine")) == {"a": Outcome.PASSED}
        assert held(pool, 1) == [usable_cores()]


def held(pool: Pool, workers: int) -> list[list[int]]:
    """The cores that each of some workers may run on, once all have started."""
    until = time.monotonic() + 20.0
    while True:
        pids = {slot.process.pid for slot in pool._slots}
        children = [child for child in psutil.Process().children() if child.pid in pids]
        serving = [child for child in children if ready(child)]
        if len(serving) == workers or time.monotonic() > until:
            return sorted(child.cpu_affinity() for child in serving)
        time.sleep(0.01)


def ready(process: psutil.Process) -> bool:
    """Whether a worker ignores Ctrl-C, which it does once it has its core."""
    with contextlib.suppress(OSError, psutil.Error):
        status = Path(f"/proc/{process.pid}/status").read_text()
        ignored = int(status.split("SigIgn:")[1].split()[0], 16)
        return bool(ignored & 1 << (signal.SIGINT - 1))
    return False


def test_who_is_being_graded_is_told(stand: Work) -> None:
    seen: set[str] = set()
    with Pool(stand, 1) as pool:
        tasks = orders(a="fine", b="fine")
        list(pool.grade(tasks, lambda now: seen.update(task.student for task in now)))
    assert seen == {"a", "b"}


def test_at_the_end_workers_are_gone_even_busy_ones_at_once(stand: Work) -> None:
    started = time.monotonic()
    with Pool(stand, 2) as pool:
        pids = [slot.process.pid for slot in pool._slots]
        results = pool.grade(orders(a="wait", b="fine"))
        assert next(results)[0].student == "b"
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert time.monotonic() - started < STOP_S


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (SandboxUnavailable("install bubblewrap"), SandboxUnavailable, "install bubblewrap"),
        (AutograderError("the source is broken"), AutograderError, "the source is broken"),
        (ZeroDivisionError("our bug"), AutograderError, "our bug"),
        (ImportError("no module"), AutograderError, "no module"),
    ],
)
def test_a_worker_that_cannot_start_ends_the_run_with_its_reason(
    stand: Work,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    kind: type[Exception],
    words: str,
) -> None:
    def fail(work: Work) -> Any:
        raise error

    monkeypatch.setattr(worker_module, "Worker", fail)
    with Pool(stand, 1) as pool, pytest.raises(kind, match=words):
        graded(pool, orders(a="fine"))


def test_a_worker_that_dies_before_it_is_ready_is_started_again(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Stand):
        def __init__(self, work: Work) -> None:
            super().__init__(work)
            mark = work.course_root / "started"
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(worker_module, "Worker", Killed)
    with Pool(stand, 1) as pool:
        assert graded(pool, orders(a="fine", b="fine")) == dict.fromkeys("ab", Outcome.PASSED)


def test_a_worker_killed_in_the_middle_of_its_answer_is_a_worker_that_died(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_an_answer(work: Work, connection: Any, core: int | None) -> None:
        connection.send("ready")
        if connection.recv() is None:
            return
        os.write(connection.fileno(), b"\x00\x00\x10\x00half")
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(pool_module, "serve", half_an_answer)
    with Pool(stand, 1) as pool:
        assert graded(pool, orders(a="fine")) == {"a": Outcome.GRADER_ERROR}


def test_losses_are_told_with_the_signal_and_the_task(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_S", 0.5)
    limited = replace(stand, settings=replace(SMALL, submission_s=0.1))
    losses: list[pool_module.Loss] = []
    with Pool(limited, 1, losses.append) as pool:
        graded(pool, orders(a="die once", b="wait", c="fine"))
    told = [(one.event, one.task and one.task.student, one.signal) for one in losses]
    assert told == [("worker_died", "a", "SIGKILL"), ("worker_hung", "b", "SIGKILL")]
    assert all(0 <= one.duration_s < 20 for one in losses)


def test_a_worker_whose_parent_is_gone_already_ends_at_once(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module.os, "getppid", lambda: 1)
    with Pool(stand, 1) as pool, pytest.raises(AutograderError, match="before it was ready"):
        graded(pool, orders(a="fine"))


def test_a_worker_that_dies_before_it_is_ready_ends_the_run(
    stand: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "Worker", lambda work: os._exit(1))
    with Pool(stand, 2) as pool, pytest.raises(AutograderError, match="before it was ready"):
        graded(pool, orders(a="fine"))


def test_a_failure_of_the_engine_in_one_submission_is_a_grader_error_of_that_one(
    monkeypatch: pytest.MonkeyPatch, tiny: NotebookBundle, parent: Any, trusted: Any
) -> None:
    def explode(*args: Any) -> Any:
        raise ZeroDivisionError("our bug")

    monkeypatch.setattr(worker_module, "grade_notebook", explode)
    worker = Worker.__new__(Worker)
    worker._trusted, worker._server = {"01_tiny": trusted}, parent
    worker._work = Work(tiny.path.parent, SMALL, "bubblewrap", (tiny,), SECRET)
    result = worker.grade(task(tiny, "ada")).result
    assert result.outcome is Outcome.GRADER_ERROR
    assert "our bug" in result.tests[0].log
    monkeypatch.setattr(worker_module, "read_submission", explode)
    assert worker.grade(task(tiny, "ada")).result.outcome is Outcome.GRADER_ERROR
