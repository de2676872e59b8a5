"""The rendering process: reads requests, renders pages, and answers."""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import nbformat
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.records.recorded_grades import read_notebook
from autograder.release.solutions import visible_part
from autograder.rendering.exporter import FeedbackExporter, GetVerdicts, OutOfTime, explained
from autograder.rendering.plain_page import plain_page
from autograder.rendering.process import LENGTH, PageRequest, RenderedPage
from autograder.sandbox.prctl import die_with_parent

MEMORY_MB = 4096
CELL_SHARE = 0.25  # the share of a page's seconds for one of its cells
MAX_TYPED = 20_000  # characters of a cell that a plain page shows
MAX_CELLS = 500
MAX_TOTAL = 500_000


def render(request: PageRequest, clock: Callable[[], AbstractContextManager[None]]) -> RenderedPage:
    """The page for a request. Raises many types of errors if the notebook is damaged."""
    if request.plain:
        return _plain(request)
    exporter = _exporter(request.course_root, request.preprocessors)
    if request.cell is not None:
        exporter.clock = clock
        page = exporter.cell(nbformat.from_dict(request.cell))
        return RenderedPage(page, tuple(exporter.troubles))
    exporter.clock, exporter.links, exporter.remark = clock, request.links, request.remark
    names = {
        "student": request.student,
        "assignment": request.assignment,
        "notebook": request.notebook,
        "db_url": request.db_url,
    }
    resources = {"unique_key": request.notebook, "nbgrader": names}
    page, _ = exporter.from_filename(request.path, resources=resources)
    return RenderedPage(page, tuple(exporter.troubles), exporter.verdicts)


def _plain(request: PageRequest) -> RenderedPage:
    points = read_notebook(request.db_url, request.student, request.assignment, request.notebook)
    notebook = nbformat.read(request.path, as_version=4)
    cells, room = [], MAX_TOTAL
    for cell in notebook.cells[:MAX_CELLS]:
        text = _typed(cell)[:MAX_TYPED]
        if text.strip() and len(text) <= room:
            room -= len(text)
            cells.append(text)
    return RenderedPage(plain_page(points, request.student, request.links, cells))


def _typed(cell: NotebookNode) -> str:
    """A cell's text without hidden tests."""
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(source)
    is_graded = cell.get("metadata", {}).get("nbgrader", {}).get("grade")
    return visible_part(text) if is_graded else text


@functools.cache
def _exporter(course_root: str, preprocessors: tuple[str, ...]) -> FeedbackExporter:
    """The exporter of all pages of a course; its template is compiled once."""
    exporter = FeedbackExporter(config=Course.find(Path(course_root)).config)
    for name in preprocessors:
        exporter.register_preprocessor(_loaded(name), enabled=True)
    return exporter


@functools.cache
def _loaded(name: str) -> type[Any]:
    """A preprocessor by its full name; ours by default."""
    module, _, kind = name.rpartition(".")
    found: type[Any] = getattr(importlib.import_module(module), kind) if module else GetVerdicts
    return found


def serve() -> None:
    """The life of a rendering process: answer requests until there are no more."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries may print, which must not reach the replies
    _send(replies, {})
    while True:
        size = sys.stdin.buffer.read(LENGTH.size)
        if len(size) < LENGTH.size:
            return
        request = PageRequest.from_json(json.loads(sys.stdin.buffer.read(LENGTH.unpack(size)[0])))
        try:
            page = render(request, Clock(request.seconds))
            reply: dict[str, Any] = asdict(page)
        except MemoryError:
            reply = {"error": "it needs too much memory to render"}
        except BaseException as error:  # the fault may lie in this page alone
            reply = {"error": explained(error)}
        _send(replies, reply)


def _send(replies: BinaryIO, reply: dict[str, Any]) -> None:
    data = json.dumps(reply).encode()
    replies.write(LENGTH.pack(len(data)) + data)
    replies.flush()


class Clock:
    """The processor seconds for a page's cells: a share for each, a half for all together."""

    def __init__(self, seconds: float) -> None:
        self._cell_s = seconds * CELL_SHARE
        self._left_s = seconds / 2

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Within the block, raise OutOfTime when the seconds of a cell are over.

        This works only in the main thread.
        """

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
