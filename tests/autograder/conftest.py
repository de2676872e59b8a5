"""A small course, so that a test of the engine does not wait for a big notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.release.solutions import worked_notebook
from tests.courses.build import build_course
from tests.courses.sums import SUMS

CONFIG = Path(__file__).resolve().parents[2] / "nbgrader_config.py"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one assignment, ``demo``, of one notebook, ``01_sums``."""
    return build_course(tmp_path, CONFIG.read_text(), "demo", {"01_sums": SUMS})


@pytest.fixture
def bundle(course: Course) -> NotebookBundle:
    return load_bundle(course.source / "demo" / "01_sums.py")


@pytest.fixture
def worked(course: Course, bundle: NotebookBundle) -> Path:
    """The worked notebook in its place, not run: a release then need not run it."""
    path = course.solutions / "demo" / "01_sums.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(worked_notebook(course, bundle), path)
    return path
