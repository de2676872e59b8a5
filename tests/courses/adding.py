"""A small course with one-line headers: checks and misconceptions in modules of their own."""

from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from tests.courses.build import build_course, config

LESSON = '''\
# %% [markdown]
# # Sums
#
# @EXERCISES@
#
# ## 1 Add

# %% setup
import math

# %% figure "A picture"
print("a picture of", math.pi)


# %% answer add minutes=5 level=easy
def add(a, b):
    """Return the sum of two whole numbers."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% try add
assert add(1, 2) == 3

# %% check add points=2

# %% [markdown] hint add
# Python has an operator for it.

# %% [markdown] question why points=1
# Why?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''
CHECK = '''\
"""The hidden test of add."""

from autograder.checks import check
from solutions.sums import adding as reference


def make(draw, size):
    return draw.integer(1, size), draw.integer(1, size)


def test(add):
    return check(
        add,
        reference.add,
        make,
        groups={"small numbers": dict(size=9), "large numbers": dict(size=10**9)},
        extras=None,
    )
'''
BANK = """\
[[misconception]]
id = "subtracts"
sentence = "You subtract."
patches = [{ find = "a + b", put = "a - b" }]
"""
CONFIG = config("lessons", 'c.Autograder.warm_modules = ["numpy", "torch"]\n')


def write_course(root: Path) -> Course:
    """A course with one assignment, ``sums``, of one notebook, ``01_adding``, with one exercise."""
    course = build_course(root, CONFIG, "sums", {"01_adding": LESSON})
    folder = course.source / "sums" / "exercises" / "add"
    folder.mkdir(parents=True)
    (folder / "check.py").write_text(CHECK)
    (folder / "misconceptions.toml").write_text(BANK)
    return course
