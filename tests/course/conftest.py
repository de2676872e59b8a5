"""The real course, with one worker for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.bundle import NotebookBundle, load_bundle
from autograder.course import Course
from autograder.worker import Work, Worker

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def course() -> Course:
    return Course.find(ROOT)


@pytest.fixture(scope="session")
def convolution(course: Course) -> NotebookBundle:
    return load_bundle(course.source / "conv" / "01_convolution.py")


@pytest.fixture(scope="session")
def worker(course: Course, convolution: NotebookBundle) -> Iterator[Worker]:
    settings = course.settings
    work = Work(course.root, settings, settings.sandbox, (convolution,), b"course tests")
    worker = Worker(work)
    yield worker
    worker.close()
