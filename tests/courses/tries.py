"""The tiny course with visible tests in cells of their own, and hidden tests alone in its checks.

A notebook of the tiny course (``tests.courses.tiny.TINY``) is the same notebook as it was released
before visible tests had cells of their own.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from tests.courses.build import build_course
from tests.courses.cells import answer, attempt, graded, notebook, text
from tests.courses.tiny import ADD, BANK, CONFIG, SCALE, SETUP, WHY

TRY_ADD = 'expect("1 + 2", add(1, 2), 3)\nexpect("2 + 2", add(2, 2), 4)'
TRY_SCALE = (
    'expect("twice a picture", scale(picture, 2), '
    "torch.tensor([[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]))"
)
CHECK_ADD = """\
# add, 2 points: hidden tests stand here when your notebook is graded.
### BEGIN HIDDEN TESTS
from autograder.checks import check


def test(add):
    return check(
        add,
        lambda a, b: a + b,
        lambda draw, size: (draw.integer(1, size), draw.integer(1, size)),
        groups={"small numbers": dict(size=9), "large numbers": dict(size=10**9)},
        extras=None,
        name="add",
    )


test(add).worth(2)
### END HIDDEN TESTS
"""
CHECK_SCALE = """\
# scale, 7 points: hidden tests stand here when your notebook is graded.
### BEGIN HIDDEN TESTS
from autograder.checks import check


def reference(x, k):
    return x * k


def make(draw, rows, columns):
    return draw.tensor(rows, columns), draw.integer(2, 5)


def test(scale):
    return check(
        scale,
        reference,
        make,
        groups={
            "a square": dict(rows=3, columns=3),
            "one row": dict(rows=1, columns=4),
            "more rows than columns": dict(rows=5, columns=2),
        },
        sizes=dict(rows=(1, 5), columns=(1, 5)),
        forbid="convolution",
        name="scale",
    )


test(scale).worth(7)
### END HIDDEN TESTS
"""
COUNT = answer(
    "count",
    '''\
def count(x):
    """Return the number of values in x."""
    ### BEGIN SOLUTION
    return x.numel()
    ### END SOLUTION
''',
)
TRIES = notebook(
    text("# Tiny"),
    SETUP,
    ADD,
    attempt("add", TRY_ADD),
    graded("add", 2, CHECK_ADD),
    SCALE,
    attempt("scale", TRY_SCALE),
    graded("scale", 7, CHECK_SCALE),
    WHY,
    COUNT,
    attempt("count", 'expect("values", count(picture), 6)'),
)


def write_course(root: Path, source: str = TRIES) -> Course:
    """A course with one assignment, ``tiny``, of one notebook, ``01_tiny``."""
    return build_course(root, CONFIG, "tiny", {"01_tiny": source}, BANK)
