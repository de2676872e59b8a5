"""A small course to attack: a check with groups, one with partial credit, a visible test, a text."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, read_source

# A hang costs seconds here and not minutes. The token in the time limit marks our processes.
CONFIG = """\
from autograder.nbgrader_plugin import install

c = get_config()
install()
c.CourseDirectory.course_id = "attacked"
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "[0-9]*_*.py", "misconceptions", "__pycache__"]
c.ClearSolutions.code_stub = {{"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}}
c.Autograder.cell_s = 10
c.Autograder.submission_s = 30.{token}
c.Autograder.memory_mb = 600
c.Autograder.processes = 16
c.Autograder.threads = 64
c.Autograder.scratch_mb = 16
c.Autograder.output_kb = 64
c.Autograder.value_mb = 8
c.Autograder.workers = 2
c.Autograder.warm_modules = ["numpy", "matplotlib.pyplot", "torch"]
"""

NOTEBOOK = '''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Small

# %% tags=["setup"] nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch


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

WATCHWORD = "the-hidden-watchword"
check(
    add,
    lambda a, b: a + b,
    lambda draw, size: (draw.integer(1, size), draw.integer(1, size)),
    points=2,
    groups={"small numbers": dict(size=999), "large numbers": dict(size=10**9)},
    extras=None,
    name="add",
)
### END HIDDEN TESTS

# %% exercise="scale" nbgrader={"grade": false, "grade_id": "scale", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scale(x, k):
    """Return x (rows, columns) times k, in the dtype of x."""
    ### BEGIN SOLUTION
    return x * k
    ### END SOLUTION


# %% exercise="scale" nbgrader={"grade": true, "grade_id": "test_scale", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
expect("twice two", scale(torch.ones(1, 2), 2), torch.full((1, 2), 2.0))
### BEGIN HIDDEN TESTS
from autograder.checks import check

check(
    scale,
    lambda x, k: x * k,
    lambda draw, rows, columns: (draw.tensor(rows, columns), draw.integer(2, 5)),
    points=4,
    groups={"a square": dict(rows=3, columns=3), "more rows": dict(rows=5, columns=2)},
    sizes=dict(rows=(1, 5), columns=(1, 5)),
    forbid="convolution",
    name="scale",
)
### END HIDDEN TESTS

# %% exercise="double" nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(n):
    """Return twice a whole number."""
    ### BEGIN SOLUTION
    return 2 * n
    ### END SOLUTION


# %% exercise="double" nbgrader={"grade": true, "grade_id": "test_double", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
expect("twice 4", double(4), 8)
assert double(-21) == -42

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''

ADDS = """\
notebook = "01_small"
exercise = "scale"

[[misconception]]
id = "adds"
sentence = "You add k where it should multiply."
patches = [{ find = "x * k", put = "x + k" }]
"""


def write_course(root: Path, token: str) -> Course:
    """A course with one assignment, ``small``, of one notebook, ``01_small``."""
    bank = root / "source" / "small" / "misconceptions"
    bank.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG.format(token=token))
    (root / "source" / "small" / "01_small.py").write_text(NOTEBOOK)
    (bank / "scale.toml").write_text(ADDS)
    private = root / "source" / "small" / "private"
    private.mkdir()
    (private / "held_out.npz").write_bytes(b"labels")  # no sandbox ever sees it
    return Course.find(root)


def handed_in(bundle: NotebookBundle, answers: dict[str, str]) -> NotebookNode:
    """The notebook with the reference's answers, some replaced (grade_id -> text of the cell)."""
    texts = {cell.grade_id: cell.solution for cell in bundle.answers}
    texts.update({cell.grade_id: "I think so." for cell in bundle.manual})
    texts.update(answers)
    notebook = read_source(bundle.path)
    for index, cell in enumerate(notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = texts.get(grade_id, cell.source).partition("### BEGIN HIDDEN")[0]
        cell.id = f"c{index}"
    return notebook
