"""One student process as the trusted world sees it: requests, deadlines, and how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from autograder.config.settings import Settings
from autograder.proxy.objects import RemoteObject, student_error
from autograder.proxy.replies import Seen, apply_changes, is_reply
from autograder.results import GRADER_FAILED, Outcome
from autograder.sandbox.cgroup import ControlGroup
from autograder.sandbox.watchdog import TOO_MUCH_CPU, Watchdog
from autograder.wall.frames import (
    ConnectionLost,
    Frame,
    ProtocolError,
    receive_frame,
    send_bytes,
    send_frame,
)
from autograder.wall.several import Several
from autograder.wall.values import Decoder, Encoder, refuse_handle

STATUS_S = 3.0  # how long the word on how a process ended may take after its connection is lost


class WallFailure(BaseException):
    """The student process is gone or may no longer be listened to.

    Not an Exception: no ``except Exception`` in a test can turn it into a pass. ``limit`` is the
    setting that ran out, ``signal`` the name of the signal that ended the process, where there is
    one. ``from_outside`` says that neither the student nor the grader ended it.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        limit: str | None = None,
        signal: str | None = None,
        from_outside: bool = False,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.limit = limit
        self.signal = signal
        self.from_outside = from_outside


class StudentProcess:
    """Sends requests, enforces the time they may take, and applies what comes back.

    After a WallFailure the process is dead and ``close`` has been called.
    """

    def __init__(
        self,
        sock: socket.socket,
        status_fd: int,
        pid: int,
        settings: Settings,
        group: ControlGroup | None = None,
    ) -> None:
        self.settings = settings
        self.seen: Seen | None = None  # of the calls that are watched
        self._counts = False
        self.has_printed = False  # what was not asked for yet, as its last reply says
        self.cpu_s = 0.0  # processor seconds it used; known after ``close``
        self.failure: WallFailure | None = None  # why it ended before it was closed
        self._sock = sock
        self._status_fd = status_fd
        self._pidfd = os.pidfd_open(pid)
        self._group = group
        self._watchdog = Watchdog(pid, settings, self.kill, group)
        self._deadline = time.monotonic() + settings.submission_s
        self._limit = "submission_s"  # the setting that says when the deadline is
        self._number = 0
        self._objects: dict[int, RemoteObject] = {}
        self._lock = threading.Lock()
        self._open = True
        self._watchdog.start()

    @property
    def is_open(self) -> bool:
        """Whether the process can still be asked."""
        return self._open

    # -- time ---------------------------------------------------------------------------------

    @contextlib.contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Within the block, requests may together take this long."""
        before, limit = self._deadline, self._limit
        if (deadline := time.monotonic() + seconds) < before:
            self._deadline, self._limit = deadline, "cell_s"
        try:
            yield
        finally:
            self._deadline, self._limit = before, limit

    def set_submission_deadline(self, deadline: float) -> None:
        """Set when the whole submission ends (``time.monotonic()`` seconds)."""
        self._deadline = deadline

    def set_cpu_budget(self, cpu_s: float) -> None:
        """Set how much processor time is left to the submission, in seconds."""
        self._watchdog.cpu_s = cpu_s

    # -- requests -----------------------------------------------------------------------------

    def request(self, operation: str, *arguments: Any) -> dict[str, Any]:
        """The reply to one request.

        Raises StudentError when the student's code raised, WallFailure when there is no reply.
        """
        encoder = self._encoder()
        reply = self._ask(operation, encoder.encode(list(arguments)), encoder.blobs)
        if reply.get("error") is not None and operation != "cell":
            raise student_error(reply["error"])
        return reply

    def request_many(self, requests: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Replies to the first of some requests, at least to one; errors are among the replies.

        A request is an operation and its arguments.

        Raises WallFailure when there is no reply.
        """
        encoder = self._encoder()
        given = Several(encoder)
        for arguments in requests:
            if not given.add(partial(encoder.encode, list(arguments))):
                break
        if len(given.nodes) > 1:
            replies = self._ask("many", ["list", *given.nodes], encoder.blobs).get("value")
            if type(replies) is list and 0 < len(replies) <= len(given.nodes):
                if all(map(is_reply, replies)):
                    return replies
        operation, *alone = requests[0]
        encoder = self._encoder()
        return [self._ask(operation, encoder.encode(alone), encoder.blobs)]

    def write_files(self, files: dict[str, bytes]) -> None:
        """Write files into the process's working folder.

        Raises StudentError when there is no room for all, WallFailure when there is no reply.
        """
        sizes = {name: len(data) for name, data in files.items()}
        encoder = self._encoder()
        reply = self._ask("files", encoder.encode([sizes]), encoder.blobs, files.values())
        if reply.get("error") is not None:
            raise student_error(reply["error"])

    def _encoder(self) -> Encoder:
        no_limit = 1 << 40  # what a test sends is as large as it has to be
        return Encoder(self._lend, max_bytes=no_limit, proxy=RemoteObject)

    def _ask(
        self, operation: str, tree: Any, blobs: list[bytes], behind: Iterable[bytes] = ()
    ) -> dict[str, Any]:
        if not self._open:
            raise WallFailure(Outcome.CRASHED, "The process that ran your code has ended.")
        self._number += 1
        try:
            send_frame(
                self._sock, Frame([self._number, operation, tree], tuple(blobs)), self._deadline
            )
            for data in behind:
                send_bytes(self._sock, data, self._deadline)
            return self._receive()
        except (TimeoutError, ConnectionLost, ProtocolError) as error:
            self.failure = self._end(error)
            raise self.failure from None

    def call(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a student's object; changes that it made to its arguments are made here too."""
        reply = self.request("call", target, args, kwargs, *self._watches(True))
        apply_changes((args, kwargs), reply)
        return self._value(reply)

    def probe(
        self, packed: bytes, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """What a probe (see ``autograder.trials.probe``) says of a student's object there."""
        return self._value(
            self.request("probe", packed, target, args, kwargs, *self._watches(False))
        )

    def _watches(self, compare: bool) -> tuple[bool, bool, bool]:
        return self.seen is not None, compare, self._counts

    def _value(self, reply: dict[str, Any]) -> Any:
        if self.seen is not None:
            self.seen += Seen.of(reply)
        return reply.get("value")

    @contextlib.contextmanager
    def watch(self, count: bool = False) -> Iterator[None]:
        """Within the block, ``seen`` tells what calls run; ``count`` asks for the numbers too."""
        self.seen, self._counts = Seen(), count
        try:
            yield
        finally:
            self.seen, self._counts = None, False

    def check_limits(self) -> None:
        """End the process if it holds too much now, without waiting for the watchdog's turn.

        Raises WallFailure when it did.
        """
        reason = self._watchdog.verdict()
        if reason is not None:
            self.failure = WallFailure(*reason, signal="SIGKILL")
            self.close()
            raise self.failure

    # -- the end ------------------------------------------------------------------------------

    def kill(self) -> None:
        """End the process and, as it is the first of its pid namespace, all that it started."""
        with self._lock:
            if self._pidfd >= 0:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
                self._watchdog.kill_stragglers()

    def close(self) -> None:
        """Kill it, wait until it is gone, and release what this side holds."""
        if not self._open:
            return
        self._open = False
        self.kill()
        self._watchdog.stop()
        select.select([self._pidfd], [], [], 10.0)  # readable once it is gone
        self._exit_status(1.0)
        if self._group is not None:
            self._group.close()
        self._sock.close()
        os.close(self._status_fd)
        with self._lock:
            os.close(self._pidfd)
            self._pidfd = -1

    # -- inside -------------------------------------------------------------------------------

    def _receive(self) -> dict[str, Any]:
        frame = receive_frame(self._sock, self.settings.value_mb << 20, self._deadline)
        if not isinstance(frame.header, list) or len(frame.header) != 2:
            raise ProtocolError("a reply is not a reply")
        number, node = frame.header
        if number != self._number:
            raise ProtocolError("a reply to a question that was not asked")
        depth = self.settings.value_depth + 10
        reply = Decoder(frame.blobs, self._adopt, max_depth=depth).decode(node)
        if not is_reply(reply):
            raise ProtocolError("a reply is not a reply")
        answer: dict[str, Any] = reply
        self.has_printed = answer.get("printed") is True
        return answer

    def _lend(self, value: Any) -> list[Any]:
        if type(value) is RemoteObject:
            return ["yours", RemoteObject.number_of(value)]
        return refuse_handle(value)

    def _adopt(self, node: list[Any]) -> RemoteObject:
        if len(node) != 4 or node[0] != "handle" or type(node[1]) is not int:
            raise ProtocolError("a handle is malformed")
        _, number, kinds, name = node
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise ProtocolError("a handle is malformed")
        if number not in self._objects:
            if len(self._objects) > 100_000:
                raise ProtocolError("too many objects were handed out")
            self._objects[number] = RemoteObject(self, number, tuple(kinds), str(name))
        return self._objects[number]

    def _end(self, error: Exception) -> WallFailure:
        reason, limit = self._watchdog.reason, self._limit
        if reason is None and isinstance(error, TimeoutError):
            reason = self._watchdog.verdict()  # a bomb can keep the thread from its turn
        if reason is None:
            reason = self._watchdog.kernels_verdict()
        status = self._exit_status(STATUS_S) if isinstance(error, ConnectionLost) else {}
        self.close()
        if reason is not None:
            return WallFailure(*reason, signal="SIGKILL")
        if isinstance(error, TimeoutError):
            text = "Your code did not finish in the time allowed."
            return WallFailure(Outcome.TIMED_OUT, text, limit, "SIGKILL")
        if isinstance(error, ProtocolError):
            return WallFailure(
                Outcome.CRASHED, f"Your code broke its connection to the grader: {error}."
            )
        if status is None:  # no code of a student reaches the process that tells how it ended
            return WallFailure(Outcome.GRADER_ERROR, GRADER_FAILED, from_outside=True)
        code = status.get("exit")
        if not isinstance(code, int) or code >= 0:
            text = f"Your code ended its own process (exit code {code})."
            return WallFailure(Outcome.CRASHED, text)
        name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
        if -code == signal.SIGXCPU or (-code == signal.SIGKILL and self._used_all_its_time()):
            return WallFailure(Outcome.TIMED_OUT, TOO_MUCH_CPU, "cpu_s", name)
        return WallFailure(
            Outcome.CRASHED,
            f"The process that ran your code was killed by {name}.",
            signal=name,
            # A process that is still as it was made, the first of its namespace, can bring no
            # SIGKILL on itself: somebody sent it, or the kernel, short of memory.
            from_outside=-code == signal.SIGKILL and status.get("untouched") is True,
        )

    def _used_all_its_time(self) -> bool:
        return self.cpu_s >= self.settings.cpu_s

    def _exit_status(self, wait_s: float) -> dict[str, Any] | None:
        """How the process ended, as its parent in the sandbox tells; empty if it has not.

        None when that parent was lost itself, so that nobody can tell.
        """
        ready, _, _ = select.select([self._status_fd], [], [], wait_s)
        if not ready:
            return {}
        try:
            text = os.read(self._status_fd, 4096)
            status: dict[str, Any] = json.loads(text) if text else {}
        except ValueError:
            return {}
        self.cpu_s = float(status.get("cpu_s", self.cpu_s))
        return status if text else None
