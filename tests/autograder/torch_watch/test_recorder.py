"""torch's own profiler as an observer: every mode, bounded memory, nobody stops it unnoticed."""

from __future__ import annotations

import signal
import sys
import threading

import pytest
import torch
import torch.utils.checkpoint
from torch.nn import functional as F

from autograder.proxy.process import StudentProcess
from autograder.torch_watch.operations import watch_operations
from autograder.torch_watch.recorder import BACKWARD_NODE, Recorder, _is_between_operations
from autograder.trials.call import Asked, observe
from autograder.trials.cases import Call
from autograder.wall.protocol import FindName, RunCell

x, weight = torch.ones(1, 1, 4, 5), torch.ones(2, 1, 2, 3)


def test_it_hears_of_operations_in_modes_threads_and_transforms() -> None:
    def work() -> None:
        with torch.inference_mode():
            F.conv2d(x, weight)
        torch.func.vmap(lambda a: F.avg_pool2d(a[None], 2))(x)

    recorder = Recorder()
    recorder.start()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    (x.clone().requires_grad_() * 2).sum().grad_fn(torch.ones(()))  # type: ignore[misc]
    recorder.stop()
    assert {"aten::conv2d", "aten::avg_pool2d", BACKWARD_NODE} <= recorder.names.keys()
    assert not recorder.was_stopped


def test_beside_a_thread_that_computes_another_observer_takes_its_place(
    student: StudentProcess,
) -> None:
    for source in (
        "import threading, torch\nfrom torch.nn import functional as F",
        "def compute():\n    while True:\n        torch.zeros(3) + 1\n"
        "threading.Thread(target=compute, daemon=True).start()",
        "def f(x):\n    return F.avg_pool2d(x, 2)",
    ):
        assert student.ask(RunCell(source)).error is None
    f = student.ask(FindName("f")).value
    for _ in range(10):
        seen = observe(f, Asked(Call(torch.ones(1, 4, 4)), operations=True))
        assert seen.raised is None
        assert any("avg_pool2d" in name for name in seen.ran.names)
        assert not any(name.startswith("hides") for name in seen.ran.names)


def test_where_it_cannot_begin_nobody_is_accused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise RuntimeError("can't start new thread")

    recorder = Recorder()
    monkeypatch.setattr(torch._C._autograd, "_enable_profiler", refuse)
    assert not recorder.start()
    monkeypatch.undo()
    with watch_operations() as watched:
        monkeypatch.setattr(torch._C._autograd, "_enable_profiler", refuse)
        watched.recorder._end()
        watched.recorder._begin()  # as where it is drained
    assert not watched.recorder.was_stopped
    assert watched.names() == []


def test_it_counts_what_was_called_and_not_what_that_called() -> None:
    recorder = Recorder(counts=True)
    recorder.start()
    y = x + 1
    torch.einsum("nchw,ochw->no", y[..., :2, :3], weight)
    recorder.stop()
    assert recorder.count == 4  # add, two slices, einsum


def test_nothing_is_lost_where_it_is_drained() -> None:
    recorder = Recorder(counts=True)
    recorder.start()
    F.conv2d(x, weight)
    for _ in range(3):
        torch.zeros(()) + 1
        recorder._end()
        recorder._begin()
    recorder.stop()
    assert "aten::conv2d" in recorder.names
    assert recorder.count == 1 + 3 * 2
    assert not recorder.was_stopped


LONG = """
import resource, torch
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def f(n):
    before, y = peak(), torch.zeros(())
    for _ in range(n):
        y = y + 1
    return int(y), peak() - before
"""


def test_a_long_call_needs_no_more_memory_for_being_watched(student: StudentProcess) -> None:
    student.ask(RunCell(LONG))
    f = student.ask(FindName("f")).value
    with student.watch(count=True):
        f(10)
        value, megabytes = f(250_000)
        assert student.seen is not None
        # An operation has up to three events. After 20,000 events without a new name the recorder
        # listens in a tenth of the time, which is drawn at random.
        assert 5_000 < student.seen.operations < 250_010
    assert value == 250_000
    assert megabytes < 200


def test_it_is_not_drained_inside_an_operation() -> None:
    """An operation that begins before and ends after would write to memory that is gone."""
    asked = []

    def inside(a: torch.Tensor) -> torch.Tensor:
        asked.append(_is_between_operations(sys._getframe()))
        return a

    observe(inside, Asked(Call(x)))
    observe(
        lambda a: torch.utils.checkpoint.checkpoint(inside, a, use_reentrant=False), Asked(Call(x))
    )
    assert asked == [True, False]


def test_it_notices_that_somebody_stopped_it() -> None:
    for stop in (
        torch._C._autograd._disable_profiler,  # type: ignore[attr-defined]
        lambda: torch._C._autograd._enable_record_function(False),  # type: ignore[attr-defined]
    ):
        recorder = Recorder()
        recorder.start()
        stop()
        recorder.stop()
        torch._C._autograd._enable_record_function(True)  # type: ignore[attr-defined]
        assert recorder.was_stopped


def test_a_profiler_that_was_left_running_does_not_keep_it_from_recording() -> None:
    torch.autograd.profiler.profile(use_kineto=True).__enter__()
    recorder = Recorder()
    recorder.start()
    F.conv2d(x, weight)
    recorder.stop()
    assert "aten::conv2d" in recorder.names
    assert not recorder.was_stopped


def test_a_timer_that_goes_off_while_it_is_stopped_does_not_start_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The recorder's signal would end the process, because no handler is left."""
    set_timer = signal.setitimer

    def late(which: int, seconds: float, interval: float = 0.0) -> tuple[float, float]:
        before = set_timer(which, seconds, interval)
        if seconds == 0:
            signal.raise_signal(signal.SIGVTALRM)
        return before

    recorder = Recorder()
    assert recorder.start()
    monkeypatch.setattr(signal, "setitimer", late)
    try:
        recorder.stop()
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_DFL
    finally:
        set_timer(signal.ITIMER_VIRTUAL, 0)
