"""The real course, with one worker for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.workers.worker import Work, Worker

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path for path in ROOT.glob("source/*/[0-9]*_*.py"))


@pytest.fixture(scope="session")
def course() -> Course:
    return Course.find(ROOT)


@pytest.fixture(
    scope="session", params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def bundle(request: pytest.FixtureRequest) -> NotebookBundle:
    """Each notebook of the course in turn."""
    return load_bundle(request.param)


@pytest.fixture(scope="session")
def convolution(course: Course) -> NotebookBundle:
    return load_bundle(course.source / "conv" / "01_convolution.py")


@pytest.fixture(scope="session")
def worker(course: Course) -> Iterator[Worker]:
    settings = course.settings
    bundles = tuple(load_bundle(path) for path in NOTEBOOKS)
    worker = Worker(Work(course.root, settings, settings.sandbox, bundles, b"course tests"))
    yield worker
    worker.close()
