"""A tiny course, and results of its notebook."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from autograder.config.settings import Settings
from autograder.course.layout import Course
from autograder.results import NotebookResult, TestResult
from autograder.sandbox.launcher import ForkServer
from tests.courses.build import build_course, config
from tests.courses.cells import answer, graded, notebook, question, setup, tagged, text

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

CONFIG = config(
    "tiny",
    """\
c.Autograde.exporter_class = "autograder.nbgrader_plugin.StandIn"
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.nbgrader_plugin.GetVerdicts"]
c.ExportApp.plugin_class = "autograder.nbgrader_plugin.GradesExport"
c.Autograder.cell_s = 20
c.Autograder.submission_s = 60
c.Autograder.memory_mb = 700
c.Autograder.scratch_mb = 16
c.Autograder.warm_modules = ["numpy", "matplotlib.pyplot", "torch"]
""",
)

ADD = answer(
    "add",
    '''\
def add(a, b):
    """Return the sum of two whole numbers."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION
''',
)
SCALE = answer(
    "scale",
    '''\
def scale(x, k):
    """Return x (rows, columns) times k, in the dtype of x."""
    ### BEGIN SOLUTION
    return x * k
    ### END SOLUTION
''',
)
WHY = question(
    "why",
    """\
### BEGIN SOLUTION
Because.
### END SOLUTION
""",
)

SETUP = setup('''\
import torch

picture = torch.arange(6.0).reshape(2, 3)


def expect(what, got, expected):
    """Say got and expected when they differ."""
    same = got.equal(expected) if isinstance(got, torch.Tensor) else got == expected
    assert same, f"{what}: got {got}, expected {expected}"
    print("ok  ", what)
''')
TINY = notebook(
    text("# Tiny"),
    SETUP,
    ADD,
    graded(
        "add",
        2,
        """\
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
""",
    ),
    tagged(
        "figure",
        """\
hidden_figure = scale(picture, 3)
print("the figure was drawn")
""",
    ),
    SCALE,
    graded(
        "scale",
        7,
        """\
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
""",
    ),
    WHY,
)

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


def write_course(root: Path) -> Course:
    """A course with one assignment, ``tiny``, of one notebook, ``01_tiny``."""
    return build_course(root, CONFIG, "tiny", {"01_tiny": TINY}, BANK)


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
