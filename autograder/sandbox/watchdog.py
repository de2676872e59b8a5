"""Watches a student process and its children, while the grader waits for a reply."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from autograder.config.settings import Settings
from autograder.results import Outcome
from autograder.sandbox.cgroup import ControlGroup
from autograder.sandbox.shared_memory import SharedMemory

PERIOD_S = 0.05
RELAXED_PERIOD_S = 0.25  # where the kernel itself keeps the memory within its limit
TOO_MUCH_CPU = "Your code used all the processor time allowed."
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watchdog:
    """A thread that kills a student process that holds too much memory, too many processes or too
    many sockets, or that has used too much processor time together with its descendants.

    ``reason`` is then the outcome, the sentence for the student and the setting. Memory is the sum
    over the processes; pages shared with the fork server are counted once at most. With a control
    group, a kill by the kernel for lack of memory counts as well. Without one, the watchdog also
    counts shared memory that is resident in no process. ``cpu_s`` is the processor time that is
    left to the submission.
    """

    def __init__(
        self,
        pid: int,
        settings: Settings,
        kill: Callable[[], None],
        group: ControlGroup | None = None,
    ) -> None:
        self.reason: tuple[Outcome, str, str] | None = None
        self.cpu_s = settings.cpu_s
        self._pid = pid
        self._settings = settings
        self._kill = kill
        self._group = group
        self._period_s = PERIOD_S if group is None else RELAXED_PERIOD_S
        # in the weak mode, the whole machine's sockets would count
        self._own_network = _network(pid) not in ("", _network("self"))
        self._shared = SharedMemory.now(settings) if group is None else None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="watchdog")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def kill_stragglers(self) -> None:
        """Kill the descendants one by one; in the weak mode no namespace does it."""
        for pid in self._family()[1:]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _run(self) -> None:
        while not self._stopping.wait(self._period_s):
            self.reason = self.verdict()
            if self.reason is not None:
                self._kill()
                return

    def verdict(self) -> tuple[Outcome, str, str] | None:
        """The outcome, message and setting of an exceeded limit; None if every limit holds."""
        family = self._family()
        if len(family) > self._settings.processes:
            limit = self._settings.processes
            text = f"Your code started more than {limit} processes."
            return Outcome.CRASHED, text, "processes"
        if sum(map(_processor_seconds, family)) > self.cpu_s:
            return Outcome.TIMED_OUT, TOO_MUCH_CPU, "cpu_s"
        if self._own_network and _sockets(self._pid) > self._settings.sockets:
            text = f"Your code opened more than {self._settings.sockets} sockets."
            return Outcome.CRASHED, text, "sockets"
        if self._holds_too_much(family):
            return self._out_of_memory()
        return self.kernels_verdict()

    def _holds_too_much(self, family: list[int]) -> bool:
        limit = self._settings.memory_mb << 20
        resident = sum(map(_resident_bytes, family))
        if resident > limit and sum(map(_proportional_bytes, family)) > limit:
            return True
        if self._shared is None or resident + self._shared.growth() <= limit:
            return False
        own = sum(
            _proportional_bytes(pid) - _proportional_bytes(pid, "Pss_Shmem") for pid in family
        )
        return own + self._shared.held_by(family) > limit

    def kernels_verdict(self) -> tuple[Outcome, str, str] | None:
        """The outcome, message and setting if the kernel killed a process for memory."""
        ran_out = self._group is not None and self._group.ran_out()
        return self._out_of_memory() if ran_out else None

    def _out_of_memory(self) -> tuple[Outcome, str, str]:
        text = f"Your code held more than {self._settings.memory_mb} MB of memory."
        return Outcome.OUT_OF_MEMORY, text, "memory_mb"

    def _family(self) -> list[int]:
        """The process and its descendants."""
        found = [self._pid]
        for pid in found:
            with contextlib.suppress(OSError):
                for thread in Path(f"/proc/{pid}/task").iterdir():
                    found += [int(child) for child in (thread / "children").read_text().split()]
            if len(found) > 10_000:
                break
        return found


def _processor_seconds(pid: int) -> float:
    """Of a process, and of its children that have ended and were waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS
    except (OSError, ValueError):
        return 0.0


def _resident_bytes(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _proportional_bytes(pid: int, kind: str = "Pss") -> int:
    """Resident memory, of some kind, in which a page shared by k processes counts 1/k."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith(f"{kind}:"):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return _resident_bytes(pid) if kind == "Pss" else 0


def _network(pid: int | str) -> str:
    """The network namespace of a process; empty if it is gone or not ours to ask."""
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


def _sockets(pid: int) -> int:
    """Sockets in the network namespace of a process, sockets in flight included.

    Buffers of sockets are memory that no limit of the kernel's counts.
    """
    try:
        with open(f"/proc/{pid}/net/sockstat") as file:
            return int(file.readline().rpartition(" ")[2])
    except (OSError, ValueError):
        return 0
