"""Starts the fork server in its sandbox, and one jailed student process per submission."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import autograder
from autograder.config.settings import Settings
from autograder.errors import SandboxUnavailable
from autograder.sandbox.bubblewrap import KINDS, bubblewrap, clean_environment, python_inside
from autograder.sandbox.cgroup import ControlGroup, has_control_groups, sweep
from autograder.sandbox.channel import Channel
from autograder.sandbox.shared_memory import largest_piece
from autograder.sandbox.user_ids import UserId
from autograder.sandbox.view import ENGINE
from autograder.sandbox.weak_user import end_processes, take_user

_START_S = 120.0
_FILES = 1 << 20  # more than all submissions of a machine hold in flight
_STOP_S = 10.0
_BOOT = "import sys; sys.path.insert(0, {engine!r}); from autograder.{module} import main; main()"


class ForkServer:
    """A sandboxed process that has loaded the heavy modules and forks students from itself.

    Use it as a context manager. At the end, the process and its descendants are killed.
    """

    def __init__(self, settings: Settings, kind: str | None = None) -> None:
        self.settings = settings
        self.kind = kind or settings.sandbox
        if self.kind not in KINDS:
            raise SandboxUnavailable(
                f"no sandbox is named {self.kind!r}; there are {', '.join(KINDS)}"
            )
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._user: UserId | None = None

    def __enter__(self) -> ForkServer:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it is warm.

        Raises SandboxUnavailable, with what to install, when this machine cannot do it.
        """
        sweep()
        raise_file_limit()
        if self.kind == "process":  # in the others a student writes to a file system of its own
            self._scratch = tempfile.TemporaryDirectory(prefix="autograder-")
            self._user = take_user(self.settings)
            if self._user is not None:
                Path(self._scratch.name).chmod(0o711)  # the student's own folder lies in it
        else:
            self._user = UserId.take(self.settings)
        self._log = tempfile.TemporaryFile()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        try:
            with theirs:
                self._process = subprocess.Popen(
                    self._command(theirs.fileno()),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=self._log,
                    env=clean_environment(),
                    start_new_session=True,
                )
        except BaseException:
            self.stop()
            raise
        ours.settimeout(_START_S)
        try:
            ready = ours.recv(16)
        except (TimeoutError, ConnectionError):
            ready = b""
        if ready != b"ready":
            log = self._read_log()
            self.stop()
            raise SandboxUnavailable(
                f"the sandbox did not start ({self.kind}):\n{log}\n"
                "`autograder doctor` says what this machine lacks."
            )

    def stop(self) -> None:
        """End it and every process that it started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._control is not None:
            with contextlib.suppress(
                OSError
            ):  # the socket closes when the process in bubblewrap ends
                self._control.settimeout(_STOP_S)
                self._control.recv(16)
            self._control.close()
            self._control = None
        if self._user is not None:  # not before: nothing runs as this user any more
            if self.kind == "process":
                end_processes(self._user)
            self._user.close()
            self._user = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def start_student(self) -> Channel:
        """The channel to a fresh student process with an empty namespace.

        Raises SandboxUnavailable when the jail could not be built: then nothing of the student ran.
        """
        if self._control is None:
            raise SandboxUnavailable("the fork server is not running")
        ours, theirs = socket.socketpair()
        status_read, status_write = os.pipe()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            socket.send_fds(self._control, [b"+"], [theirs.fileno(), status_write])
        except OSError as error:
            ours.close()
            os.close(status_read)
            raise SandboxUnavailable(f"the fork server ended: {self._read_log()}") from error
        finally:
            theirs.close()
            os.close(status_write)
        ours.settimeout(_START_S)
        greeting, credentials, _, _ = ours.recvmsg(4096, socket.CMSG_SPACE(struct.calcsize("3i")))
        if greeting != b"+" or not credentials:
            detail = os.read(status_read, 4096).decode(errors="replace")
            ours.close()
            os.close(status_read)
            text = greeting[1:].decode(errors="replace")
            raise SandboxUnavailable(f"a student process could not be jailed:\n{text}{detail}")
        pid, _, _ = struct.unpack("3i", credentials[0][2])
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        return Channel(ours, status_read, pid, self.settings, _grouped(pid, self.settings))

    def _command(self, control_fd: int) -> list[str]:
        settings = self.settings
        jailed = self.kind != "process"
        config = {
            "control_fd": control_fd,
            "jailed": jailed,
            "user_id": 0 if self._user is None else self._user.number,
            "scratch": "" if jailed or self._scratch is None else self._scratch.name,
            "shared_bytes": 0 if has_control_groups(settings) else largest_piece(settings),
            "warm_modules": list(settings.warm_modules),
            "output_bytes": settings.output_kb << 10,
            "max_bytes": settings.value_mb << 20,
            "max_depth": settings.value_depth,
            "limits": {
                "cpu_s": settings.cpu_s,
                "threads": settings.threads,
                "scratch_mb": settings.scratch_mb,
                "memory_mb": settings.memory_mb,
            },
        }
        engine = ENGINE if jailed else str(Path(autograder.__file__).parent.parent)
        python = python_inside() if jailed else sys.executable
        second = _BOOT.format(engine=engine, module="student.fork_server")
        config["boot"] = second
        first = _BOOT.format(engine=engine, module="jail.entrance") if jailed else second
        boot = [python, "-s", "-P", "-c", first, json.dumps(config)]
        return [*bubblewrap(), *boot] if jailed else boot

    def _read_log(self) -> str:
        if self._log is None:
            return ""
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace").strip()


def raise_file_limit() -> None:
    """Let this process open as many files as it may, up to a million.

    A user's descriptors in flight count against the limit of the process that sends one more. A
    submission has the lower limit, so it cannot keep the grader from sending.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = _FILES if most == resource.RLIM_INFINITY else min(most, _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


def _grouped(pid: int, settings: Settings) -> ControlGroup | None:
    """The control group that a process now is in, if this machine has one for it."""
    group = ControlGroup.create(settings)
    if group is not None:
        try:
            group.take(pid)
        except OSError:
            group.close()
            return None
    return group
