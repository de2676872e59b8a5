"""A process that renders pages, so that a page cannot block or crash the main program.

The libraries for Markdown, formulas and coloured code need hours or gigabytes for some texts. Here
each page has a limit of processor seconds, and the process has a limit of memory. A process that
fails is replaced.
"""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.rendering.links import PageLinks
from autograder.rendering.verdicts import PageVerdicts

_TICKS = os.sysconf("SC_CLK_TCK")  # of the kernel's clock for processor time, a second
START_S = 60.0  # processor seconds for the imports of a new process
WALL_FACTOR, WALL_S = 20, 60.0  # wall-clock seconds that a process may wait
_TICK_S = 0.2
MAX_PAGE_MB = 64
LENGTH = struct.Struct("<I")  # before each message
_SERVE = "from autograder.rendering.server import serve; serve()"


class PageFailed(Exception):
    """A page could not be rendered; the text gives the reason."""


@dataclass(frozen=True)
class PageRequest:
    """One page: its notebook, its student, and the way to render it.

    ``seconds`` is the processor time for the whole page. A plain page shows text and code without
    rendering. ``remark`` tells about the time of the hand-in. With ``cell``, the JSON of a
    notebook's cell, only that cell is rendered, without grades.
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
    links: PageLinks = field(default_factory=PageLinks)
    remark: str = ""
    cell: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PageRequest:
        """The inverse of ``dataclasses.asdict``."""
        return cls(
            **{
                **data,
                "preprocessors": tuple(data["preprocessors"]),
                "links": PageLinks.from_json(data["links"]),
            }
        )


@dataclass(frozen=True)
class RenderedPage:
    """A page as HTML, the parts that could not be rendered, and its exercises if it shows them."""

    html: str
    troubles: tuple[str, ...] = ()
    verdicts: PageVerdicts | None = None


class PageProcess:
    """Renders pages one after the other. Use as a context manager."""

    def __init__(self) -> None:
        self.cpu_s = 0.0  # processor seconds of all pages so far
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PageProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def render(self, request: PageRequest) -> RenderedPage:
        """The page. Raises PageFailed if it takes too long, is too large or cannot be rendered."""
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
        verdicts = reply["verdicts"]
        return RenderedPage(
            str(reply["html"]),
            tuple(map(str, reply["troubles"])),
            PageVerdicts.from_json(verdicts) if verdicts else None,
        )

    def _living(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _SERVE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # the main program handles Ctrl-C
            )
            self._read(self._process, START_S, "the process that renders pages did not start")
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], request: PageRequest) -> dict[str, Any]:
        data = json.dumps(asdict(request)).encode()
        assert process.stdin is not None
        process.stdin.write(LENGTH.pack(len(data)) + data)
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
        """The next message of a process. Raises PageFailed with ``late`` after the seconds."""
        assert process.stdout is not None
        found, wanted = bytearray(), LENGTH.size
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
                if len(found) == LENGTH.size and wanted == LENGTH.size:
                    wanted += LENGTH.unpack(found)[0]
                    if wanted > MAX_PAGE_MB << 20:
                        raise PageFailed(f"the page is larger than {MAX_PAGE_MB} MB")
        finally:
            self.cpu_s += max(used, _cpu_s(process) - started)
        return bytes(found[LENGTH.size :])


def _cpu_s(process: subprocess.Popen[bytes]) -> float:
    """The processor seconds of a process so far; 0 if it has ended."""
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text()
    except OSError:
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]  # see proc_pid_stat(5)
    return (int(user) + int(system)) / _TICKS
