"""The grader's end of one student process: its socket, its life and its control group."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import threading
from dataclasses import dataclass
from typing import Any

from autograder.config.settings import Settings
from autograder.sandbox.cgroup import ControlGroup

GONE_S = 10.0  # how long the kernel may take to end a killed process


@dataclass(frozen=True)
class ExitStatus:
    """How a student process ended, as its parent in the sandbox tells."""

    code: int | None = None  # None if it has not ended; -N if signal N has ended it
    cpu_s: float = 0.0  # processor seconds that it used with its children
    untouched: bool = False  # whether it still was the program that was forked


class Channel:
    """A student process that was started: how to talk to it, to end it and to see how it ended.

    ``settings`` are its limits. ``close`` must be called; it does not end the process.
    """

    def __init__(
        self,
        sock: socket.socket,
        status_fd: int,
        pid: int,
        settings: Settings,
        group: ControlGroup | None = None,
    ) -> None:
        self.sock = sock
        self.pid = pid
        self.settings = settings
        self.group = group
        self._status_fd = status_fd
        self._pidfd = os.pidfd_open(pid)
        self._lock = threading.Lock()  # of the descriptor of the process

    def kill(self) -> bool:
        """End the process, which is the first of its pid namespace, and so its descendants.

        False once the channel is closed.
        """
        with self._lock:
            if self._pidfd < 0:
                return False
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            return True

    def wait(self) -> None:
        """Wait until a killed process is gone, for at most GONE_S seconds."""
        _is_readable(self._pidfd, GONE_S)

    def exit_status(self, wait_s: float) -> ExitStatus | None:
        """How the process ended; it can be told once.

        None when its parent in the sandbox was lost itself, so that nobody can tell.
        """
        if not _is_readable(self._status_fd, wait_s):
            return ExitStatus()
        text = os.read(self._status_fd, 4096)
        if not text:
            return None
        try:
            status: dict[str, Any] = json.loads(text)
        except ValueError:
            return ExitStatus()
        code = status.get("exit")
        return ExitStatus(
            code if isinstance(code, int) else None,
            float(status.get("cpu_s", 0.0)),
            status.get("untouched") is True,
        )

    def close(self) -> None:
        """Release the descriptors and the control group."""
        if self.group is not None:
            self.group.close()
        self.sock.close()
        os.close(self._status_fd)
        with self._lock:
            os.close(self._pidfd)
            self._pidfd = -1


def _is_readable(fd: int, wait_s: float) -> bool:
    """Whether a descriptor becomes readable in time; ``select`` fails with those above 1023."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(1000 * wait_s))
