"""A small course, so that a test of the engine does not wait for a big notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.release.solutions import worked_notebook

CONFIG = Path(__file__).resolve().parents[2] / "nbgrader_config.py"

SUMS = '''\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Sums

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import os.path as osp
from collections import Counter, deque

import matplotlib.pyplot as plt


def expect(what, got, expected):
    """Print one line, or say got and expected."""
    assert got == expected, f"{what}: got {got}, expected {expected}"
    print("ok  ", what)


# %% [markdown]
# The total of $a < b$ numbers.

# %% exercise="total" nbgrader={"grade": false, "grade_id": "total", "locked": false, "schema_version": 3, "solution": true, "task": false}
def total(numbers):
    """Return the sum of the numbers."""
    ### BEGIN SOLUTION
    secret_sum = math.fsum(numbers)
    return secret_sum
    ### END SOLUTION


# %% exercise="total" nbgrader={"grade": true, "grade_id": "test_total", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
expect("total of 1 and 2", total([1, 2]), 3)
### BEGIN HIDDEN TESTS
assert total([1, 1, 1]) == 3
assert total([hidden_number := 41, 1]) == 42
2.0
### END HIDDEN TESTS

# %% tags=["figure"]
plt.figure(figsize=(2, 1))
plt.plot([1, 2], [1, 3]);

# %% exercise="commonest" nbgrader={"grade": false, "grade_id": "commonest", "locked": false, "schema_version": 3, "solution": true, "task": false}
def commonest(items):
    """Return the item that is there most often."""
    ### BEGIN SOLUTION
    return Counter(items).most_common(1)[0][0]
    ### END SOLUTION


# %% exercise="commonest" nbgrader={"grade": true, "grade_id": "test_commonest", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
expect("commonest of abb", commonest("abb"), "b")
### BEGIN HIDDEN TESTS
3.0 if commonest("aab") == "a" else 1.5
### END HIDDEN TESTS

# %% [markdown]
# Why?

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because addition commutes.
# ### END SOLUTION
'''


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one assignment, ``demo``, of one notebook, ``01_sums``."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG.read_text())
    source = tmp_path / "source" / "demo"
    source.mkdir(parents=True)
    (source / "01_sums.py").write_text(SUMS)
    return Course.find(tmp_path)


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
