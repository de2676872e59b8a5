"""A small notebook with open questions of every kind, not to be run."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from autograder.course.source import NotebookBundle, load_bundle, read_source
from tests.courses.build import build_course, config
from tests.courses.cells import answer, graded, notebook, question, setup, text

ASKING = notebook(
    text("# Asking"),
    setup("import math"),
    answer(
        "half",
        '''\
def half(n):
    """Return half of it."""
    ### BEGIN SOLUTION
    return n / 2
    ### END SOLUTION
''',
    ),
    graded("half", 1, "assert half(4) == 2"),
    text("""\
**Question 1.** Why is half of four two?
Think of a cake.
Then of two friends.
"""),
    question(
        "why",
        """\
### BEGIN SOLUTION
Because it is cut in the middle.
### END SOLUTION
""",
    ),
    text("**Question 2.** And where does the other half go?"),
    question(
        "where",
        """\
Write two lines.

### BEGIN SOLUTION
To the friend.
### END SOLUTION
""",
    ),
    text("**Question 3.** Draw it with code."),
    question(
        "draw",
        kind="code",
        source="""\
### BEGIN SOLUTION
print("(|)")
### END SOLUTION
""",
    ),
    text("# The end"),
)

QUESTIONS = ("why", "where", "draw")


def asking_bundle(root: Path) -> NotebookBundle:
    course = build_course(root, config("asking"), "asked", {"01_asking": ASKING})
    return load_bundle(course.source / "asked" / "01_asking.py")


def released(bundle: NotebookBundle) -> NotebookNode:
    """The notebook as students get it."""
    notebook = read_source(bundle.path)
    for index, (cell, source) in enumerate(zip(notebook.cells, bundle.released, strict=True)):
        cell.source, cell.id = source, f"c{index}"
    return notebook
