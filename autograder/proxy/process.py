"""One student process as the trusted world sees it: requests, replies and deadlines."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from autograder.proxy.changes import apply_changes
from autograder.proxy.ending import broken_protocol, ended, not_in_time
from autograder.proxy.errors import WallFailure, student_error
from autograder.proxy.objects import R, RemoteObject
from autograder.results import Outcome
from autograder.sandbox.channel import Channel
from autograder.sandbox.watchdog import Watchdog
from autograder.wall.decoder import Decoder
from autograder.wall.encoder import Batch, Encoder, refuse_handle
from autograder.wall.frames import (
    ConnectionLost,
    Frame,
    ProtocolError,
    receive_frame,
    send_bytes,
    send_frame,
)
from autograder.wall.messages import ErrorReport, Request
from autograder.wall.protocol import (
    AskMany,
    Call,
    Called,
    Replies,
    RunProbe,
    Seen,
    WriteFiles,
    operation_of,
    read_answer,
)
from autograder.wall.untrusted import ABSENT, is_reply

STATUS_S = 3.0  # how long the word on how a process ended may take after its connection is lost
MAX_OBJECTS = 100_000  # that one process may hand out


class StudentProcess:
    """Sends requests, enforces the time they may take, and reads the replies.

    After a WallFailure the process is dead and ``close`` has been called.
    """

    def __init__(self, channel: Channel) -> None:
        self.settings = channel.settings
        self.seen: Seen | None = None  # of the calls that are watched
        self._counts = False
        self.has_printed = False  # whether the last reply said that there is output to take
        self.cpu_s = 0.0  # processor seconds it used; known after ``close``
        self.failure: WallFailure | None = None  # why it ended before it was closed
        self._channel = channel
        self._watchdog = Watchdog(channel.pid, self.settings, self.kill, channel.group)
        self._deadline = time.monotonic() + self.settings.submission_s
        self._limit = "submission_s"  # the setting that says when the deadline is
        self._number = 0
        self._objects: dict[int, RemoteObject] = {}
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

    def ask(self, request: Request[R]) -> R:
        """The reply to one request.

        Raises StudentError when the student's code raised, except in a cell, whose report holds the
        error; WallFailure when there is no reply.
        """
        return self._ask_alone(request)

    def ask_many(self, requests: Sequence[Request[Any]]) -> list[Any]:
        """Replies to the first of some requests, at least to one; errors are ErrorReports.

        Raises WallFailure when there is no reply.
        """
        encoder = self._encoder()
        batch = Batch(encoder)
        for request in requests:
            asked = [operation_of(request).name, *request.arguments()]
            if not batch.add(partial(encoder.encode, asked)):
                break
        if len(batch.nodes) > 1:
            said = self._exchange(_MANY, ["list", *batch.nodes], encoder.blobs)
            replies = Replies.read(said).value
            if 0 < len(replies) <= len(batch.nodes):
                return [
                    read_answer(request, reply)
                    for request, reply in zip(requests, replies, strict=False)
                ]
        return [self._answer(requests[0])]

    def write_files(self, files: dict[str, bytes]) -> None:
        """Write files into the process's working folder.

        Raises StudentError when there is no room for all, WallFailure when there is no reply.
        """
        sizes = {name: len(data) for name, data in files.items()}
        self._ask_alone(WriteFiles(sizes), behind=files.values())

    def call(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a student's object; changes that it made to its arguments are made here too."""
        watch = self.seen is not None
        called = self.ask(Call(target, args, kwargs, watch=watch, compare=True, count=self._counts))
        if called.changed is not ABSENT:
            apply_changes((args, kwargs), called.changed)
        return self._value(called)

    def probe(
        self, packed: bytes, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """The value of a probe (see ``autograder.trials.probe``) of a student's object."""
        watch = self.seen is not None
        return self._value(
            self.ask(RunProbe(packed, target, args, kwargs, watch=watch, count=self._counts))
        )

    def _value(self, called: Called) -> Any:
        if self.seen is not None:
            self.seen += called.seen
        return called.value

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
        """End the process and its descendants."""
        if self._channel.kill():
            self._watchdog.kill_stragglers()

    def close(self) -> None:
        """Kill the process, wait until it is gone, and release its descriptors."""
        if not self._open:
            return
        self._open = False
        self.kill()
        self._watchdog.stop()
        self._channel.wait()
        self._exit_status(1.0)
        self._channel.close()

    # -- inside -------------------------------------------------------------------------------

    def _ask_alone(self, request: Request[R], behind: Iterable[bytes] = ()) -> R:
        answer: R | ErrorReport = self._answer(request, behind)
        if isinstance(answer, ErrorReport):
            raise student_error(answer)
        return answer

    def _answer(self, request: Request[Any], behind: Iterable[bytes] = ()) -> Any:
        """The reply to one request, or the report of the error that it ended with."""
        encoder = self._encoder()
        tree = encoder.encode(request.arguments())
        said = self._exchange(operation_of(request).name, tree, encoder.blobs, behind)
        return read_answer(request, said)

    def _encoder(self) -> Encoder:
        no_limit = 1 << 40  # a test sends as much as it needs
        return Encoder(self._lend, max_bytes=no_limit, proxy=RemoteObject)

    def _exchange(
        self, operation: str, tree: Any, blobs: list[bytes], behind: Iterable[bytes] = ()
    ) -> dict[Any, Any]:
        """Send one frame, and bytes behind it; the fields of the reply, which may be lies."""
        if not self._open:
            raise WallFailure(Outcome.CRASHED, "The process that ran your code has ended.")
        self._number += 1
        sock = self._channel.sock
        try:
            send_frame(sock, Frame([self._number, operation, tree], tuple(blobs)), self._deadline)
            for data in behind:
                send_bytes(sock, data, self._deadline)
            return self._receive()
        except (TimeoutError, ConnectionLost, ProtocolError) as error:
            self.failure = self._end(error)
            raise self.failure from None

    def _receive(self) -> dict[Any, Any]:
        frame = receive_frame(self._channel.sock, self.settings.value_mb << 20, self._deadline)
        if not isinstance(frame.header, list) or len(frame.header) != 2:
            raise ProtocolError("a reply is not a reply")
        number, node = frame.header
        if number != self._number:
            raise ProtocolError("a reply to a question that was not asked")
        depth = self.settings.value_depth + 10
        said = Decoder(frame.blobs, self._adopt, max_depth=depth).decode(node)
        if not is_reply(said):
            raise ProtocolError("a reply is not a reply")
        fields: dict[Any, Any] = said
        self.has_printed = fields.get("printed") is True
        return fields

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
            if len(self._objects) > MAX_OBJECTS:
                raise ProtocolError("too many objects were handed out")
            self._objects[number] = RemoteObject(self, number, tuple(kinds), str(name))
        return self._objects[number]

    def _end(self, error: Exception) -> WallFailure:
        """Close the process; why it has ended."""
        reason, limit = self._watchdog.reason, self._limit
        if reason is None and isinstance(error, TimeoutError):
            reason = self._watchdog.verdict()  # a bomb can keep the thread from its turn
        if reason is None:
            reason = self._watchdog.kernels_verdict()
        status = self._exit_status(STATUS_S) if isinstance(error, ConnectionLost) else None
        self.close()
        if reason is not None:
            return WallFailure(*reason, signal="SIGKILL")
        if isinstance(error, TimeoutError):
            return not_in_time(limit)
        if isinstance(error, ProtocolError):
            return broken_protocol(error)
        return ended(status, used_all_cpu=self.cpu_s >= self.settings.cpu_s)

    def _exit_status(self, wait_s: float) -> Any:
        status = self._channel.exit_status(wait_s)
        if status is not None and status.cpu_s:
            self.cpu_s = status.cpu_s
        return status


_MANY = operation_of(AskMany([])).name
