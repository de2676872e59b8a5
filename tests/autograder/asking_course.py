"""A small notebook with open questions of every kind, not to be run."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder.course.source import NotebookBundle, load_bundle, read_source

HEAD = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""

NAMES = '"locked": false, "schema_version": 3, "solution": true, "task": false'

ASKING = f'''{HEAD}
# %% [markdown]
# # Asking

# %% tags=["setup"] nbgrader={{"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}}
import math


# %% exercise="half" nbgrader={{"grade": false, "grade_id": "half", {NAMES}}}
def half(n):
    """Return half of it."""
    ### BEGIN SOLUTION
    return n / 2
    ### END SOLUTION


# %% exercise="half" nbgrader={{"grade": true, "grade_id": "test_half", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}}
assert half(4) == 2

# %% [markdown]
# **Question 1.** Why is half of four two?
# Think of a cake.
# Then of two friends.

# %% [markdown] nbgrader={{"grade": true, "grade_id": "why", "points": 1, {NAMES}}}
# ### BEGIN SOLUTION
# Because it is cut in the middle.
# ### END SOLUTION

# %% [markdown]
# **Question 2.** And where does the other half go?

# %% [markdown] nbgrader={{"grade": true, "grade_id": "where", "points": 1, {NAMES}}}
# Write two lines.
#
# ### BEGIN SOLUTION
# To the friend.
# ### END SOLUTION

# %% [markdown]
# **Question 3.** Draw it with code.

# %% nbgrader={{"grade": true, "grade_id": "draw", "points": 1, {NAMES}}}
### BEGIN SOLUTION
print("(|)")
### END SOLUTION

# %% [markdown]
# # The end
'''

QUESTIONS = ("why", "where", "draw")


def asking_bundle(root: Path) -> NotebookBundle:
    path = root / "source" / "asked" / "01_asking.py"
    path.parent.mkdir(parents=True)
    path.write_text(ASKING)
    return load_bundle(path)


def released(bundle: NotebookBundle) -> NotebookNode:
    """The notebook as students get it."""
    notebook = read_source(bundle.path)
    for index, (cell, text) in enumerate(zip(notebook.cells, bundle.released, strict=True)):
        cell.source, cell.id = text, f"c{index}"
    return notebook
