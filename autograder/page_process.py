"""A process that renders pages, so that no page can hold up or end the program that wants it.

Markdown, formulas and code in colours are rendered by libraries that some texts keep busy for hours
or fill with gigabytes. Here a page has a number of seconds, the process has a limit of memory, and
a process that fails is replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import FrameType
from typing import Any, BinaryIO

START_S = 120.0  # until a new process has imported its libraries
MEMORY_MB = 4096
MAX_PAGE_MB = 64
CELL_SHARE = 0.25  # of a page's seconds that one cell of it may take
_LENGTH = struct.Struct("<I")
_SERVE = "from autograder.page_process import serve; serve()"


class PageFailed(Exception):
    """A page could not be rendered; the text says why."""


@dataclass(frozen=True)
class PageRequest:
    """One page: which notebook, whose, and how it is to be made.

    ``seconds`` is the time for all of it. Of a plain page, nothing is rendered: text and code are
    shown as they were typed.
    """

    path: str
    student: str
    assignment: str
    notebook: str
    course_root: str
    db_url: str
    seconds: float
    preprocessors: tuple[str, ...] = ()
    plain: bool = False


@dataclass(frozen=True)
class RenderedPage:
    """A page as HTML, and what of it could not be rendered."""

    html: str
    troubles: tuple[str, ...] = ()


class PageProcess:
    """Renders pages one after the other. Use as a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PageProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def render(self, request: PageRequest) -> RenderedPage:
        """The page. Raises PageFailed when it takes too long, is too large or cannot be made."""
        try:
            process = self._living()
            reply = self._ask(process, request)
        except PageFailed:
            self._end()
            raise
        except OSError as error:
            self._end()
            raise PageFailed(f"the process that renders pages ended ({error.strerror})") from error
        if "error" in reply:
            raise PageFailed(str(reply["error"]))
        return RenderedPage(str(reply["html"]), tuple(map(str, reply["troubles"])))

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _SERVE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the program that waits for the page
            )
            _read(self._process, time.monotonic() + START_S, "it did not start")
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], request: PageRequest) -> dict[str, Any]:
        data = json.dumps(asdict(request)).encode()
        assert process.stdin is not None
        process.stdin.write(_LENGTH.pack(len(data)) + data)
        process.stdin.flush()
        deadline = time.monotonic() + request.seconds
        text = _read(process, deadline, f"it takes longer than {request.seconds:.0f} s to render")
        reply: dict[str, Any] = json.loads(text)
        return reply

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _read(process: subprocess.Popen[bytes], deadline: float, late: str) -> bytes:
    """The next message of a process; raises PageFailed with ``late`` after the deadline."""
    assert process.stdout is not None
    found, wanted = bytearray(), _LENGTH.size
    while len(found) < wanted:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise PageFailed(late)
        part = os.read(process.stdout.fileno(), min(wanted - len(found), 1 << 20))
        if not part:
            raise PageFailed("the process that renders it ran out of memory or was ended")
        found += part
        if len(found) == _LENGTH.size and wanted == _LENGTH.size:
            wanted += _LENGTH.unpack(found)[0]
            if wanted > MAX_PAGE_MB << 20:
                raise PageFailed(f"the page is larger than {MAX_PAGE_MB} MB")
    return bytes(found[_LENGTH.size :])


def serve() -> None:
    """The life of such a process: answer requests until there are no more."""
    from autograder.student.jail import die_with_parent

    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no reply
    from autograder import rendering

    _send(replies, {})
    while True:
        size = sys.stdin.buffer.read(_LENGTH.size)
        if len(size) < _LENGTH.size:
            return
        request = PageRequest(**json.loads(sys.stdin.buffer.read(_LENGTH.unpack(size)[0])))
        try:
            page = rendering.render(request, Clock(request.seconds))
            reply: dict[str, Any] = asdict(page)
        except MemoryError:
            reply = {"error": "it needs too much memory to render"}
        except BaseException as error:  # it is the page's, and the next page may be right
            reply = {"error": rendering.explained(error)}
        _send(replies, reply)


def _send(replies: BinaryIO, reply: dict[str, Any]) -> None:
    data = json.dumps(reply).encode()
    replies.write(_LENGTH.pack(len(data)) + data)
    replies.flush()


class Clock:
    """The seconds that the cells of one page may take: each a share, all together a half."""

    def __init__(self, seconds: float) -> None:
        self._cell_s = seconds * CELL_SHARE
        self._left_s = seconds / 2

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Within the block, OutOfTime is raised when a cell's seconds are over.

        Works in the main thread only.
        """
        from autograder.page import OutOfTime

        def over(number: int, frame: FrameType | None) -> None:
            raise OutOfTime

        if self._left_s <= 0:
            raise OutOfTime
        started = time.monotonic()
        before = signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, min(self._cell_s, self._left_s))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            self._left_s -= time.monotonic() - started
