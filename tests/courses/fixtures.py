"""One fork server for all tests of a process, and a tiny course to grade with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment, load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook
from autograder.proxy.process import StudentProcess
from autograder.release.release import release
from autograder.release.solutions import worked_notebook
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import read_submission
from tests.courses.handed_in import Answers, as_bytes, as_handed_in
from tests.courses.tiny import SECRET, SMALL, Grade, Graded, Limited, write_course


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    return root


@pytest.fixture(scope="session")
def tiny(tiny_root: Path) -> NotebookBundle:
    return load_bundle(tiny_root / "source" / "tiny" / "01_tiny.py")


@pytest.fixture(scope="session")
def trusted(tiny: NotebookBundle, tiny_root: Path) -> TrustedNotebook:
    return TrustedNotebook.load(tiny, tiny_root)


@pytest.fixture(scope="session")
def parent() -> Iterator[ForkServer]:
    with ForkServer(SMALL) as warm:
        yield warm


@pytest.fixture
def limited(parent: ForkServer) -> Limited:
    """``with limited(cell_s=1):`` changes limits that the trusted side keeps."""

    @contextmanager
    def change(**limits: Any) -> Iterator[ForkServer]:
        parent.settings = replace(SMALL, **limits)
        try:
            yield parent
        finally:
            parent.settings = SMALL

    return change


@pytest.fixture
def student(parent: ForkServer) -> Iterator[StudentProcess]:
    """A student's process with nothing in it."""
    process = StudentProcess(parent.start_student())
    yield process
    process.close()


@pytest.fixture
def grade(parent: ForkServer, trusted: TrustedNotebook) -> Grade:
    """``grade(answers)``, ``grade(notebook)`` or ``grade(bytes)``: the verdict on it."""

    def run(
        given: Answers | NotebookNode | bytes | None = None,
        files: dict[str, bytes] | None = None,
        student: str = "ada",
    ) -> Graded:
        if isinstance(given, NotebookNode):
            data = as_bytes(given)
        elif isinstance(given, bytes):
            data = given
        else:
            data = as_bytes(as_handed_in(trusted.bundle, given))
        submission = read_submission(data, trusted.bundle, files or {})
        return Graded(grade_notebook(parent, trusted, submission, student, SECRET))

    return run


@pytest.fixture
def tiny_course(tmp_path: Path) -> Course:
    """A fresh copy of the tiny course, not released."""
    return write_course(tmp_path)


@pytest.fixture(scope="session")
def released_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course, released once; its worked notebook was not run."""
    course = write_course(tmp_path_factory.mktemp("released"))
    (bundle,) = load_assignment(course, "tiny")
    worked = course.solutions / "tiny" / "01_tiny.ipynb"
    worked.parent.mkdir(parents=True)
    nbformat.write(worked_notebook(course, bundle), worked)
    release(course, "tiny")
    return course.root


@pytest.fixture
def released(released_root: Path, tmp_path: Path) -> Course:
    """A copy of the released course for one test."""
    shutil.copytree(released_root, tmp_path, dirs_exist_ok=True)
    return Course.find(tmp_path)
