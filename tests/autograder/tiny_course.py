"""A tiny course, and its notebook as students hand it in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.config.settings import Settings
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, read_source
from autograder.results import NotebookResult, TestResult
from autograder.sandbox.launcher import ForkServer

SECRET = b"a secret of the tests"
SMALL = Settings(
    cell_s=20.0,
    submission_s=60.0,
    memory_mb=700,
    processes=16,
    threads=64,
    scratch_mb=16,
    value_mb=16,
    value_depth=80,
    warm_modules=("numpy", "matplotlib.pyplot", "torch"),
)

CONFIG = """\
from autograder.nbgrader_plugin import install

c = get_config()
install()
c.CourseDirectory.course_id = "tiny"
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "[0-9]*_*.py", "misconceptions", "__pycache__"]
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}
c.Autograde.exporter_class = "autograder.nbgrader_plugin.StandIn"
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.nbgrader_plugin.GetVerdicts"]
c.ExportApp.plugin_class = "autograder.nbgrader_plugin.GradesExport"
c.Autograder.cell_s = 20
c.Autograder.submission_s = 60
c.Autograder.memory_mb = 700
c.Autograder.scratch_mb = 16
c.Autograder.warm_modules = ["numpy", "matplotlib.pyplot", "torch"]
"""

TINY = '''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Tiny

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

picture = torch.arange(6.0).reshape(2, 3)


def expect(what, got, expected):
    """Say got and expected when they differ."""
    same = got.equal(expected) if isinstance(got, torch.Tensor) else got == expected
    assert same, f"{what}: got {got}, expected {expected}"
    print("ok  ", what)


# %% exercise="add" nbgrader={"grade": false, "grade_id": "add", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add(a, b):
    """Return the sum of two whole numbers."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% exercise="add" nbgrader={"grade": true, "grade_id": "test_add", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
expect("1 + 2", add(1, 2), 3)
### BEGIN HIDDEN TESTS
from autograder.checks import check

check(
    add,
    lambda a, b: a + b,
    lambda draw, size: (draw.integer(1, size), draw.integer(1, size)),
    points=2,
    groups={"small numbers": dict(size=9), "large numbers": dict(size=10**9)},
    extras=None,
    name="add",
)
### END HIDDEN TESTS

# %% tags=["figure"]
hidden_figure = scale(picture, 3)
print("the figure was drawn")

# %% exercise="scale" nbgrader={"grade": false, "grade_id": "scale", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scale(x, k):
    """Return x (rows, columns) times k, in the dtype of x."""
    ### BEGIN SOLUTION
    return x * k
    ### END SOLUTION


# %% exercise="scale" nbgrader={"grade": true, "grade_id": "test_scale", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
expect("twice a picture", scale(picture, 2), torch.tensor([[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]))
### BEGIN HIDDEN TESTS
from autograder.checks import check


def reference(x, k):
    return x * k


def make(draw, rows, columns):
    return draw.tensor(rows, columns), draw.integer(2, 5)


check(
    scale,
    reference,
    make,
    points=7,
    groups={
        "a square": dict(rows=3, columns=3),
        "one row": dict(rows=1, columns=4),
        "more rows than columns": dict(rows=5, columns=2),
    },
    sizes=dict(rows=(1, 5), columns=(1, 5)),
    forbid="convolution",
    name="scale",
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''

BANK = {
    "add": """\
notebook = "01_tiny"
exercise = "add"

[[misconception]]
id = "subtracts"
sentence = "You take b away where it should be added."
patches = [{ find = "a + b", put = "a - b" }]
""",
    "scale": '''\
notebook = "01_tiny"
exercise = "scale"

[[misconception]]
id = "adds"
sentence = "You add k where it should multiply."
patches = [{ find = "x * k", put = "x + k" }]

[[misconception]]
id = "last_row_forgotten"
sentence = "The last row is left as it was."
code = """
def scale(x, k):
    out = x * k
    if len(x) > 3:
        out[-1] = x[-1]
    return out
"""
''',
}

Answers = Mapping[str, str]


def write_course(root: Path) -> Course:
    """A course with one assignment, ``tiny``, of one notebook, ``01_tiny``."""
    bank = root / "source" / "tiny" / "misconceptions"
    bank.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "source" / "tiny" / "01_tiny.py").write_text(TINY)
    for name, text in BANK.items():
        (bank / f"{name}.toml").write_text(text)
    return Course.find(root)


def as_handed_in(bundle: NotebookBundle, answers: Answers | None = None) -> NotebookNode:
    """The notebook with the reference's answers, some replaced (grade_id -> text of the cell)."""
    texts = {cell.grade_id: cell.solution for cell in bundle.answers}
    texts.update({cell.grade_id: "I think so." for cell in bundle.manual})
    texts.update(answers or {})
    notebook = read_source(bundle.path)
    for index, cell in enumerate(notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = texts.get(grade_id, cell.source).partition("### BEGIN HIDDEN")[0]
        cell.id = f"c{index}"
    return notebook


def as_bytes(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def cell_of(notebook: NotebookNode, grade_id: str) -> int:
    """The position of the cell with this grade_id."""
    found = [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found[0]


def code(source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source)


class Graded:
    """A result, asked by the name of a test."""

    def __init__(self, result: NotebookResult) -> None:
        self.result = result
        self.tests = {test.grade_id: test for test in result.tests}

    def __getitem__(self, grade_id: str) -> TestResult:
        return self.tests[grade_id]

    @property
    def points(self) -> dict[str, float]:
        return {name: test.points for name, test in self.tests.items()}

    @property
    def told(self) -> str:
        """All texts for the student."""
        return "\n".join([*(test.message for test in self.result.tests), *self.result.notes])


FULL = {"test_add": 2.0, "test_scale": 7.0, "why": 0.0}
NOTHING = {"test_add": 0.0, "test_scale": 0.0, "why": 0.0}

Grade = Callable[..., Graded]
Limited = Callable[..., AbstractContextManager[ForkServer]]


CODE = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": 1}


def notebook(*cells: Any, **fields: Any) -> bytes:
    given = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}
    return json.dumps(given).encode()
