"""A small course with one notebook, ``01_sums``, for tests of release and build."""

from __future__ import annotations

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.pages.autograded import write_autograded
from autograder.records.gradebook import record
from autograder.release.instructor import trusted_notebook
from autograder.release.solutions import visible_part
from autograder.results import CellOutput, NotebookResult, Outcome, TestResult
from tests.courses.cells import answer, graded, notebook, question, setup, tagged, text

SUMS = notebook(
    text("""\
[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)

# Sums
"""),
    setup('''\
import math
import os.path as osp
from collections import Counter, deque

import matplotlib.pyplot as plt


def expect(what, got, expected):
    """Print one line, or say got and expected."""
    assert got == expected, f"{what}: got {got}, expected {expected}"
    print("ok  ", what)
'''),
    text("The total of $a < b$ numbers."),
    answer(
        "total",
        '''\
def total(numbers):
    """Return the sum of the numbers."""
    ### BEGIN SOLUTION
    secret_sum = math.fsum(numbers)
    return secret_sum
    ### END SOLUTION
''',
    ),
    graded(
        "total",
        2,
        """\
expect("total of 1 and 2", total([1, 2]), 3)
### BEGIN HIDDEN TESTS
assert total([1, 1, 1]) == 3
assert total([hidden_number := 41, 1]) == 42
2.0
### END HIDDEN TESTS
""",
    ),
    tagged(
        "figure",
        """\
plt.figure(figsize=(2, 1))
plt.plot([1, 2], [1, 3]);
""",
    ),
    answer(
        "commonest",
        '''\
def commonest(items):
    """Return the item that is there most often."""
    ### BEGIN SOLUTION
    return Counter(items).most_common(1)[0][0]
    ### END SOLUTION
''',
    ),
    graded(
        "commonest",
        3,
        """\
expect("commonest of abb", commonest("abb"), "b")
### BEGIN HIDDEN TESTS
3.0 if commonest("aab") == "a" else 1.5
### END HIDDEN TESTS
""",
    ),
    text("Why?"),
    question(
        "why",
        """\
### BEGIN SOLUTION
Because addition commutes.
### END SOLUTION
""",
    ),
)

PLACEMENT = {"setup": 1, "total": 3, "test_total": 4, "commonest": 6, "test_commonest": 7, "why": 9}


def record_result(
    course: Course, bundle: NotebookBundle, student: str = "ada", text: str = "Yes."
) -> None:
    notebook = trusted_notebook(course, bundle)
    for cell in notebook.cells:
        cell.source = visible_part(cell.source)
    notebook.cells[3].source = "def total(numbers):\n    return sum(numbers)"
    notebook.cells[9].source = text
    tests = (
        TestResult("test_total", "total", 2.0, 2.0, Outcome.PASSED, printed="ok   total\n"),
        TestResult(
            "test_commonest", "commonest", 1.5, 3.0, Outcome.PARTIAL,
            diagnosis="commonest.last", message="Look at ties.", html="<p><b>Look at ties.</b></p>",
        ),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )  # fmt: skip
    printed = CellOutput(
        stdout="<script>alert(1)</script>",
        error=("E<b>", "<i>", ["\x1b[31mE<b>\x1b[0m: <img src=x onerror=alert(1)>"]),
    )
    result = NotebookResult(
        student, "demo", bundle.name, tests,
        outcome=Outcome.PARTIAL, notes=("renamed from <b>x</b>.ipynb",), outputs={3: printed},
    )  # fmt: skip
    record(course, [bundle], [result])
    write_autograded(course, bundle, notebook, result, PLACEMENT)
