"""A small lesson in the format with one-line headers, and its folder of exercises."""

from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from tests.courses.build import build_course, config

LESSON = '''\
# %% [markdown]
# # Sums
#
# @POINTS:why@ point for a word.

# %% setup
import torch

# %% figure "A picture"
print("a picture")


# %% answer total minutes=5 level=easy
def total(x):
    """Return the sum of x."""
    ### BEGIN SOLUTION
    return x.sum()
    ### END SOLUTION


# %% try total
assert total(torch.ones(2)) == 2

# %% check total points=2 "the sum"

# %% [markdown] hint total
# Start from 0.


# %% answer twice
def twice(x):
    """Return 2 x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% check twice points=1.5 id=twice_as_much

# %% [markdown] question why points=1
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION

# %% [markdown] slideshow={"slide_type": "skip"}
# The end
'''


def check_text(exercise: str, reference: str) -> str:
    """The text of a check."""
    return f'''\
"""The hidden test of {exercise}."""

from autograder.checks import check


def make(draw, n):
    return (draw.tensor(n),)


def test({exercise}):
    return check({exercise}, {reference}, make, groups={{"three": dict(n=3)}}, extras=None)
'''


CHECKS = {
    "total": check_text("total", "lambda x: x.sum()"),
    "twice": check_text("twice", "lambda x: 2 * x"),
}


def write_lesson_course(root: Path, lesson: str = LESSON) -> Course:
    """A course with one assignment, ``demo``, of one lesson, ``01_sums``."""
    course = build_course(root, config("lessons"), "demo", {"01_sums": lesson})
    for exercise, text in CHECKS.items():
        path = course.source / "demo" / "exercises" / exercise / "check.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return course
