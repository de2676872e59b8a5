"""The worked notebook: a source notebook with its answers, run from top to bottom."""

from __future__ import annotations

import os
import re
import subprocess
import time
from copy import deepcopy
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import SourceError
from autograder.release.instructor import instructor_notebook

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.MULTILINE | re.DOTALL
)
CELL_TIMEOUT_S = 1800
_FIGURES_IN_THE_NOTEBOOK = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def visible_part(source: str) -> str:
    """A test cell as students see it."""
    return _HIDDEN.sub("", source).rstrip()


def worked_notebook(course: Course, bundle: NotebookBundle) -> NotebookNode:
    """The notebook with every answer and without hidden tests, before it is run."""
    return with_answers(instructor_notebook(course, bundle), bundle)


def with_answers(instructors: NotebookNode, bundle: NotebookBundle) -> NotebookNode:
    """The same notebook, made from a copy of the instructor's.

    Without hidden tests, students may get the file after the deadline. ``autograder verify`` runs
    the hidden tests on the reference.
    """
    notebook = deepcopy(instructors)
    for node, cell in zip(notebook.cells, bundle.cells, strict=True):
        if cell.is_solution:
            node.source = cell.solution.rstrip("\n")
        elif cell.is_test or cell.is_try:
            node.source = visible_part(cell.source)
        node.metadata.pop("nbgrader", None)  # a worked notebook is not handed in
    return notebook


def execute(
    notebook: NotebookNode, name: str, folder: Path, *, allow_errors: bool = False
) -> dict[int, float]:
    """Run the notebook in ``folder`` and keep its outputs; the seconds of its cells, by index.

    With ``allow_errors``, a cell that fails does not end the run. Raises SourceError with the
    failing cell.
    """
    started: dict[int, float] = {}
    ended: dict[int, float] = {}
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        allow_errors=allow_errors,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, cell_index: started.update({cell_index: time.monotonic()}),
        on_cell_executed=lambda cell, cell_index, execute_reply: ended.update(
            {cell_index: time.monotonic()}
        ),
    )
    try:
        client.execute(
            stderr=subprocess.DEVNULL,  # the kernel's own messages; output of cells is kept
            env={**os.environ, **_FIGURES_IN_THE_NOTEBOOK},
        )
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise SourceError(f"{name}: the worked notebook does not run:\n{error}") from error
    return {index: end - started[index] for index, end in ended.items()}


def same_sources(one: NotebookNode, other: NotebookNode) -> bool:
    """Whether two notebooks are equal except for their outputs."""
    return _sources(one) == _sources(other)


def _sources(notebook: NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]
