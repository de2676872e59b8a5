"""A process that renders pages, so that no page can hold up or end the program that wants it.

Markdown, formulas and code in colours are rendered by libraries that some texts keep busy for hours
or fill with gigabytes. Here a page has a number of processor seconds, the process has a limit of
memory, and a process that fails is replaced.
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

import psutil

START_S = 60.0  # processor seconds until a new process has imported its libraries
WALL_FACTOR, WALL_S = 20, 60.0  # wall-clock seconds: what a process that only waits may take
_TICK_S = 0.2
MEMORY_MB = 4096
MAX_PAGE_MB = 64
CELL_SHARE = 0.25  # of a page's seconds that one cell of it may take
_LENGTH = struct.Struct("<I")
_SERVE = "from autograder.pages.process import serve; serve()"


class PageFailed(Exception):
    """A page could not be rendered; the text says why."""


@dataclass(frozen=True)
class PageRequest:
    """One page: which notebook, whose, and how it is to be made.

    ``seconds`` is the processor time for all of it. Of a plain page, nothing is rendered: text and
    code are shown as they were typed.
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
        self.cpu_s = 0.0  # processor seconds that all pages took so far
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
            self._read(self._process, START_S, "the process that renders pages did not start")
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], request: PageRequest) -> dict[str, Any]:
        data = json.dumps(asdict(request)).encode()
        assert process.stdin is not None
        process.stdin.write(_LENGTH.pack(len(data)) + data)
        process.stdin.flush()
        late = f"it takes more than {request.seconds:.0f} processor seconds to render"
        text = self._read(process, request.seconds, late)
        reply: dict[str, Any] = json.loads(text)
        return reply

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _read(self, process: subprocess.Popen[bytes], seconds: float, late: str) -> bytes:
        """The next message of a process; raises PageFailed with ``late`` after the seconds."""
        assert process.stdout is not None
        found, wanted = bytearray(), _LENGTH.size
        started, used = _cpu_s(process), 0.0
        last = time.monotonic() + WALL_FACTOR * seconds + WALL_S
        try:
            while len(found) < wanted:
                used = max(used, _cpu_s(process) - started)
                if used > seconds or time.monotonic() > last:
                    raise PageFailed(late)
                if not select.select([process.stdout], [], [], _TICK_S)[0]:
                    continue
                part = os.read(process.stdout.fileno(), min(wanted - len(found), 1 << 20))
                if not part:
                    raise PageFailed("the process that renders it ran out of memory or was ended")
                found += part
                if len(found) == _LENGTH.size and wanted == _LENGTH.size:
                    wanted += _LENGTH.unpack(found)[0]
                    if wanted > MAX_PAGE_MB << 20:
                        raise PageFailed(f"the page is larger than {MAX_PAGE_MB} MB")
        finally:
            self.cpu_s += max(used, _cpu_s(process) - started)
        return bytes(found[_LENGTH.size :])


def _cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Processor seconds of a process so far; 0 of one that has ended."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def serve() -> None:
    """The life of such a process: answer requests until there are no more."""
    from autograder.sandbox.prctl import die_with_parent

    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no reply
    from autograder.pages import rendering

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
    """The processor seconds that a page's cells may take: each a share, all together a half."""

    def __init__(self, seconds: float) -> None:
        self._cell_s = seconds * CELL_SHARE
        self._left_s = seconds / 2

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Within the block, OutOfTime is raised when a cell's seconds are over.

        Works in the main thread only.
        """
        from autograder.pages.exporter import OutOfTime

        def over(number: int, frame: FrameType | None) -> None:
            raise OutOfTime

        if self._left_s <= 0:
            raise OutOfTime
        started = time.process_time()
        before = signal.signal(signal.SIGPROF, over)
        signal.setitimer(signal.ITIMER_PROF, min(self._cell_s, self._left_s))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
            self._left_s -= time.process_time() - started
