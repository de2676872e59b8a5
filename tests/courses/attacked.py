"""A small course to attack: a check with groups, one with partial credit, a visible test, a text."""

from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from tests.courses.build import build_course, config
from tests.courses.cells import answer, graded, notebook, setup, text
from tests.courses.tiny import ADD, SCALE, WHY

# A hang costs seconds here and not minutes. The token in the time limit marks our processes.
LIMITS = """\
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

NOTEBOOK = notebook(
    text("# Small"),
    setup('''\
import torch


def expect(what, got, expected):
    """Say got and expected when they differ."""
    same = got.equal(expected) if isinstance(got, torch.Tensor) else got == expected
    assert same, f"{what}: got {got}, expected {expected}"
    print("ok  ", what)
'''),
    ADD,
    graded(
        "add",
        2,
        """\
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
""",
    ),
    SCALE,
    graded(
        "scale",
        4,
        """\
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
""",
    ),
    answer(
        "double",
        '''\
def double(n):
    """Return twice a whole number."""
    ### BEGIN SOLUTION
    return 2 * n
    ### END SOLUTION
''',
    ),
    graded(
        "double",
        1,
        """\
expect("twice 4", double(4), 8)
assert double(-21) == -42
""",
    ),
    WHY,
)

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
    lines = LIMITS.format(token=token)
    course = build_course(
        root, config("attacked", lines), "small", {"01_small": NOTEBOOK}, {"scale": ADDS}
    )
    private = course.source / "small" / "private"
    private.mkdir()
    (private / "held_out.npz").write_bytes(b"labels")  # no sandbox ever sees it
    return course
