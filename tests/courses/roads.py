"""A course in short headers, with figures and with every kind of private file beside its lesson."""

from __future__ import annotations

from pathlib import Path

from autograder.course.layout import Course
from tests.courses.build import build_course

LESSON = '''\
# %% [markdown]
# # Roads
#
# @EXERCISES@
#
# ## 1 Double it

# %% setup
import matplotlib.pyplot as plt
import numpy as np

seen = []

# %% figure "A straight road"
print("a road of", 3, "points")
plt.figure(figsize=(2, 1))
plt.plot([1, 2, 3])
plt.show()

# %% [markdown]
# ## 1 Twice

# %% answer double minutes=5 level=easy
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% try double
assert double(2) == 4

# %% check double points=2

# %% figure "Twice the road"
plt.figure(figsize=(2, 1))
plt.plot(double(np.arange(3)))
plt.show()

# %% figure "Once it is written"
plt.figure(figsize=(2, 1))
try:
    seen.append(double(1))
except NotImplementedError:
    print("write double first")
plt.plot(seen)
plt.show()

# %% figure "All answers up to here"
print(len(seen), "seen")

# %% figure "Another straight road"
plt.figure(figsize=(2, 1))
plt.bar(["a", "b"], [1, 2])
plt.show()

# %% [markdown] question why points=1
# ### BEGIN SOLUTION
# Because a road has two sides.
# ### END SOLUTION
'''
CHECK = """\
from autograder.checks import check


def make(draw, size):
    return (draw.integer(1, size),)


def test(double):
    return check(
        double,
        lambda x: x + x,
        make,
        groups={"small secret numbers": dict(size=9), "large secret numbers": dict(size=10**6)},
        extras=None,
    )
"""
SECRET = "The secret of this file is thirty-seven, twice, and never to be told to a student.\n"
BANK = """\
[[misconception]]
id = "squares"
sentence = "You square where you should double."
patches = [{ find = "2 * x", put = "x * x" }]
"""
FIGURES = {"A straight road": True, "Twice the road": False, "Once it is written": False,
           "All answers up to here": False, "Another straight road": True}  # fmt: skip
PRIVATE = (
    "Exercises.bak/double/check.py", "exercises (copy)/note.txt", "PRIVATE/labels.txt",
    "data/private/labels.txt", "data/deep/Misconceptions/double.toml", "misconceptions/extra.txt",
    "private/labels.bin", "private.zip", "data/01_roads.py", "data/01_roads.ipynb", "01_roads.py~",
    ".01_roads.py.swp", "01_ROADS.PY.orig", "old.ipynb.bak", "exercises/__pycache__/check.pyc",
    "__pycache__/x.pyc", ".ipynb_checkpoints/01_roads-checkpoint.txt",
)  # fmt: skip
PUBLIC = ("data/points.csv", "map.txt")


def write_roads(root: Path, config: str) -> Course:
    """A course with one assignment, ``roads``, of one notebook, ``01_roads``."""
    course = build_course(root, config, "roads", {"01_roads": LESSON})
    folder = course.source / "roads"
    exercise = folder / "exercises" / "double"
    exercise.mkdir(parents=True)
    (exercise / "check.py").write_text(CHECK)
    (exercise / "misconceptions.toml").write_text(BANK)
    (exercise / "right.py").write_text("def double(x):\n    return x + x\n")
    for name in PUBLIC:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"{name}: 1, 2, 3\n")
    return course


def add_private_files(course: Course) -> None:
    """Put a private file of each kind beside the lesson."""
    for number, name in enumerate(PRIVATE):
        path = course.source / "roads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}: {SECRET}")
