"""Given cells of a notebook that was released before they stood apart."""

from __future__ import annotations

from pathlib import Path

from autograder.course.source import load_bundle
from autograder.grading.grader import TrustedNotebook
from autograder.grading.notebook import grade_notebook
from autograder.sandbox.launcher import ForkServer
from autograder.submission.submission import read_submission
from tests.courses.build import build_course
from tests.courses.handed_in import as_bytes, as_handed_in, cell_of
from tests.courses.tiny import CONFIG, SECRET

LESSON = """\
# %% setup
import math

# %% given colours
def red(x):
    return 2 * x

# %% answer total
def total(x):
    ### BEGIN SOLUTION
    return red(x) + math.floor(x)
    ### END SOLUTION

# %% check total points=2
"""
CHECK = """\
from autograder.checks import check


def test(total):
    return check(
        total,
        lambda x: 3 * x,
        lambda draw, most: (draw.integer(1, most),),
        groups={"small": dict(most=9), "large": dict(most=999)},
        extras=None,
        name="total",
    )
"""
OLDER = "import math\n\n\ndef red(x):\n    return 7 * x"


def test_a_cell_that_an_older_notebook_lacks_runs_after_the_cell_it_stood_in(
    tmp_path: Path, parent: ForkServer
) -> None:
    course = build_course(tmp_path, CONFIG, "tiny", {})
    (course.source / "tiny" / "exercises" / "total").mkdir(parents=True)
    (course.source / "tiny" / "exercises" / "total" / "check.py").write_text(CHECK)
    path = course.source / "tiny" / "01_tiny.py"
    path.write_text(LESSON)
    trusted = TrustedNotebook.load(load_bundle(path), course.root)
    notebook = as_handed_in(trusted.bundle)
    notebook.cells[cell_of(notebook, "setup")].source = OLDER
    del notebook.cells[cell_of(notebook, "colours")]
    submission = read_submission(as_bytes(notebook), trusted.bundle, {})
    result = grade_notebook(parent, trusted, submission, "ada", SECRET)
    assert [(test.grade_id, test.points) for test in result.tests] == [("test_total", 2)]
