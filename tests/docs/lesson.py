"""The short lesson of the small courses in which documented commands run.

It has two exercises of the real course, ``corr2d`` and ``conv_output_size``, and an open question.
"""

from __future__ import annotations

from pathlib import Path

LESSON = '''\
# %% [markdown]
# # Convolution, in short
#
# @POINTS@ points.

# %% setup
import torch

# %% answer corr2d minutes=10 level=easy
def corr2d(X, K):
    """Return the cross-correlation of X (H, W) and K (h, w): shape (H - h + 1, W - w + 1)."""
    ### BEGIN SOLUTION
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return (windows * K).sum((-2, -1))
    ### END SOLUTION

# %% try corr2d
got = corr2d(torch.eye(2), torch.ones(1, 2))
assert got.tolist() == [[1], [1]], f"corr2d: got {got.tolist()}, expected [[1], [1]]"
print("ok   corr2d: a row of ones")

# %% check corr2d points=3

# %% answer conv_output_size minutes=5 level=easy
def conv_output_size(size, K, P, S):
    """Return the number of places for a kernel of size K, with padding P and stride S."""
    ### BEGIN SOLUTION
    return (size + 2 * P - K) // S + 1
    ### END SOLUTION

# %% try conv_output_size
assert conv_output_size(5, 3, 0, 1) == 3, "conv_output_size: expected 3 for 5, 3, 0, 1"
print("ok   conv_output_size: no padding, stride 1")

# %% check conv_output_size points=2

# %% [markdown] question why_smaller points=1 minutes=2
# Why is the result smaller than the image?
#
# ### BEGIN SOLUTION
# A window must lie within the image.
#
# Grading: 1 point for the idea that a window may not stick out.
# ### END SOLUTION
'''

CHECKS = {
    "corr2d": '''\
"""The hidden test of corr2d."""

from autograder.checks import check
from solutions.ASSIGNMENT.MODULE import corr2d as reference


def make(draw, H, W, h, w):
    return draw.tensor(H, W), draw.tensor(h, w)


def test(corr2d):
    return check(
        corr2d,
        reference,
        make,
        groups={
            "square images": [dict(H=5, W=5, h=2, w=2), dict(H=4, W=4, h=3, w=3)],
            "images that are not square": dict(H=4, W=7, h=3, w=2),
            "kernels that are not square": dict(H=6, W=5, h=1, w=3),
        },
        sizes=dict(H=(1, 6), W=(1, 7), h=(1, 3), w=(1, 3)),
        where=lambda H, W, h, w: h <= H and w <= W,
        extras=None,
    )
''',
    "conv_output_size": '''\
"""The hidden test of conv_output_size."""

from autograder.checks import check
from solutions.ASSIGNMENT.MODULE import conv_output_size as reference


def make(draw, size, K, P, S):
    return size, K, P, S


def test(conv_output_size):
    return check(
        conv_output_size,
        reference,
        make,
        groups={
            "padding": [dict(size=8, K=3, P=2, S=1), dict(size=6, K=5, P=1, S=1)],
            "a stride that leaves a remainder": [
                dict(size=9, K=2, P=0, S=2),
                dict(size=12, K=3, P=0, S=4),
            ],
        },
        extras=None,
    )
''',
}
MISCONCEPTIONS = {
    "corr2d": '''\
[[misconception]]
id = "kernel_flipped"
sentence = "You flip the kernel. Deep learning does not: place K as it is on each window."
patches = [{ find = "windows * K", put = "windows * K.flip(0, 1)" }]

[[misconception]]
id = "summed_over_rows"
sentence = "You add up each row of a window, and its rows stay apart. Sum over both axes."
code = """
def corr2d(X, K):
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return (windows * K).sum(-1)[..., 0]
"""
''',
    "conv_output_size": """\
[[misconception]]
id = "padding_once"
sentence = "You count the padding once. It stands on both sides of the image."
patches = [{ find = "2 * P", put = "P" }]
""",
}
RIGHT = {
    "corr2d": """\
# %% two loops
def corr2d(X, K):
    h, w = K.shape
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    out = X.new_zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            out[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return out
""",
    "conv_output_size": """\
# %% counted
def conv_output_size(size, K, P, S):
    return len(range(0, size + 2 * P - K + 1, S))
""",
}
WRONG = {
    "corr2d": """\
# %% the image itself, cut
def corr2d(X, K):
    return X[: X.shape[0] - K.shape[0] + 1, : X.shape[1] - K.shape[1] + 1]
""",
    "conv_output_size": """\
# %% rounded up
def conv_output_size(size, K, P, S):
    return -(-(size + 2 * P - K) // S) + 1
""",
}


def write_lesson(root: Path, assignment: str, notebook: str) -> None:
    """Write the lesson and its exercises into a course's ``source/``."""
    folder = root / "source" / assignment
    folder.mkdir(parents=True)
    (folder / f"{notebook}.py").write_text(LESSON)
    module = notebook.partition("_")[2]
    for name, check in CHECKS.items():
        exercise = folder / "exercises" / name
        exercise.mkdir(parents=True)
        text = check.replace("ASSIGNMENT", assignment).replace("MODULE", module)
        (exercise / "check.py").write_text(text)
        (exercise / "misconceptions.toml").write_text(MISCONCEPTIONS[name])
        (exercise / "right.py").write_text(RIGHT[name])
        (exercise / "wrong.py").write_text(WRONG[name])
