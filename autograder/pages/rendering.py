"""The work of the rendering process for one request."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.nbgrader_config import course_config
from autograder.pages.exporter import FeedbackExporter, GetVerdicts, explained
from autograder.pages.plain_page import plain_page, recorded
from autograder.pages.process import PageRequest, RenderedPage
from autograder.release.solutions import visible_part

__all__ = ["explained", "render"]

MAX_TYPED = 20_000  # characters of a cell that a plain page shows
MAX_CELLS = 500
MAX_TOTAL = 500_000


def render(request: PageRequest, clock: Callable[[], AbstractContextManager[None]]) -> RenderedPage:
    """The page for a request. Raises many types of errors if the notebook is damaged."""
    if request.plain:
        return _plain(request)
    exporter = FeedbackExporter(config=_config(request.course_root))
    exporter.clock = clock
    for name in request.preprocessors:
        exporter.register_preprocessor(_loaded(name), enabled=True)
    names = {
        "student": request.student,
        "assignment": request.assignment,
        "notebook": request.notebook,
        "db_url": request.db_url,
    }
    resources = {"unique_key": request.notebook, "nbgrader": names}
    page, _ = exporter.from_filename(request.path, resources=resources)
    return RenderedPage(page, tuple(exporter.troubles))


def _plain(request: PageRequest) -> RenderedPage:
    points = recorded(request.db_url, request.student, request.assignment, request.notebook)
    notebook = nbformat.read(request.path, as_version=4)
    cells, room = [], MAX_TOTAL
    for cell in notebook.cells[:MAX_CELLS]:
        text = _typed(cell)[:MAX_TYPED]
        if text.strip() and len(text) <= room:
            room -= len(text)
            cells.append(text)
    return RenderedPage(plain_page(points, cells))


def _typed(cell: NotebookNode) -> str:
    """A cell's text without hidden tests."""
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(source)
    is_graded = cell.get("metadata", {}).get("nbgrader", {}).get("grade")
    return visible_part(text) if is_graded else text


@functools.cache
def _config(course_root: str) -> Any:
    return course_config(Course.find(Path(course_root)))


@functools.cache
def _loaded(name: str) -> type[Any]:
    """A preprocessor by its full name; ours by default."""
    module, _, kind = name.rpartition(".")
    found: type[Any] = getattr(importlib.import_module(module), kind) if module else GetVerdicts
    return found
