"""A course of two small assignments for a term that is played by a script."""

from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from tests.courses.build import config

CONFIG = config(
    "term",
    """\
c.Autograde.exporter_class = "autograder.nbgrader_plugin.StandIn"
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.nbgrader_plugin.GetVerdicts"]
c.ExportApp.plugin_class = "autograder.nbgrader_plugin.GradesExport"
c.Autograder.warm_modules = ["numpy", "torch"]
c.Autograder.memory_mb = 1000
c.Autograder.time_zone = "Europe/Berlin"
c.Autograder.late_policy = "late_days"
""",
)

FIRST = '''\
# %% [markdown]
# # First
#
# @EXERCISES@

# %% setup
import math

# %% [markdown]
# ## 1 Add

# %% answer add minutes=5 level=easy
def add(a, b):
    """Return the sum of two whole numbers."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% try add
assert add(1, 2) == 3

# %% check add points=2

# %% [markdown] question why points=1
# Why does the order not matter?
#
# ### BEGIN SOLUTION
# Because addition commutes.
# ### END SOLUTION
'''
SECOND = '''\
# %% [markdown]
# # Second
#
# @EXERCISES@

# %% setup
import math

# %% [markdown]
# ## 1 Half

# %% answer half minutes=5 level=easy
def half(n):
    """Return half of a whole number, as a whole number."""
    ### BEGIN SOLUTION
    return (n + 1) // 2
    ### END SOLUTION


# %% try half
assert half(4) == 2

# %% check half points=4
'''
THIRD = '''\
# %% [markdown]
# # Third
#
# @EXERCISES@

# %% setup
import math

# %% [markdown]
# ## 1 Square

# %% answer square minutes=5 level=easy
def square(n):
    """Return the square of a whole number."""
    ### BEGIN SOLUTION
    return n * n
    ### END SOLUTION


# %% try square
assert square(2) == 4

# %% check square points=6

# %% [markdown] question how points=2
# How do you square in your head?
#
# ### BEGIN SOLUTION
# By the square below it.
# ### END SOLUTION
'''

ADD = '''\
"""The hidden test of add."""

from autograder.checks import check


def make(draw, size):
    return draw.integer(1, size), draw.integer(1, size)


def test(add):
    return check(
        add,
        lambda a, b: a + b,
        make,
        groups={"small numbers": dict(size=9), "large numbers": dict(size=10**9)},
        extras=None,
    )
'''
HALF = '''\
"""The hidden test of half."""

from autograder.checks import check


def make(draw, size, odd):
    return (2 * draw.integer(1, size) + odd,)


def test(half):
    return check(
        half,
        lambda n: (n + 1) // 2,
        make,
        groups={"even numbers": dict(size=50, odd=0), "odd numbers": dict(size=50, odd=1)},
        extras=None,
    )
'''
# The text of the exercise does not say how to round, so a fair check asks for even numbers only.
MENDED_HALF = HALF.replace(
    '"odd numbers": dict(size=50, odd=1)', '"large even numbers": dict(size=10**6, odd=0)'
)
SQUARE = '''\
"""The hidden test of square."""

from autograder.checks import check


def make(draw, least, most):
    return (draw.integer(least, most),)


def test(square):
    return check(
        square,
        lambda n: n * n,
        make,
        groups={
            "small numbers": dict(least=3, most=9),
            "large numbers": dict(least=100, most=10**6),
            "negative numbers": dict(least=-99, most=-3),
        },
        extras=None,
    )
'''
BANKS = {
    "add": ("subtracts", "You subtract.", "a + b", "a - b"),
    "half": ("whole", "You return the whole number.", "(n + 1) // 2", "n"),
    "square": ("doubles", "You double.", "n * n", "n + n"),
}
CHECKS = {"add": ADD, "half": HALF, "square": SQUARE}
NOTEBOOKS = {
    "week1": {"01_first": FIRST, "02_second": SECOND},
    "week2": {"03_third": THIRD},
}
EXERCISES = {"week1": ("add", "half"), "week2": ("square",)}


def write_course(root: Path) -> Course:
    """The course, not released: week1 (7 points, two notebooks) and week2 (8 points)."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    for assignment, notebooks in NOTEBOOKS.items():
        folder = root / "source" / assignment
        folder.mkdir(parents=True)
        for name, text in notebooks.items():
            (folder / f"{name}.py").write_text(text)
        for exercise in EXERCISES[assignment]:
            write_exercise(folder / "exercises" / exercise, exercise)
    return Course.find(root)


def write_exercise(folder: Path, exercise: str) -> None:
    """The check of an exercise, and its one misconception."""
    folder.mkdir(parents=True)
    (folder / "check.py").write_text(CHECKS[exercise])
    id, sentence, find, put = BANKS[exercise]
    (folder / "misconceptions.toml").write_text(
        f'[[misconception]]\nid = "{id}"\nsentence = "{sentence}"\n'
        f'patches = [{{ find = "{find}", put = "{put}" }}]\n'
    )
