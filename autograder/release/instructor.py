"""The instructor's notebook: a percent file as an .ipynb for nbgrader and JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.course.layout import Course
from autograder.course.source import KERNELSPEC, NotebookBundle, SourceCell
from autograder.notebooks.notebook import id_of_text

COLAB_PLACEHOLDER = "@COLAB_URL@"
_COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"

# Some notebooks of the course need a GPU; Colab provides the accelerator that is named here.
_METADATA = {
    "accelerator": "GPU",
    "colab": {"gpuType": "T4", "provenance": []},
    "kernelspec": {**KERNELSPEC},
    "language_info": {"name": "python"},
}

_OF_THE_LESSON = ("lines_to_next_cell", "minutes", "level", "lecture", "label")  # metadata


def instructor_notebook(course: Course, bundle: NotebookBundle) -> NotebookNode:
    """The notebook of a source, the same from run to run: cell ids, metadata, Colab link."""
    notebook = new_notebook(
        cells=[_node(cell) for cell in bundle.cells], metadata=deepcopy(_METADATA)
    )
    notebook.nbformat_minor = 5
    stem = f"{course.assignments.name}/{bundle.assignment}/{bundle.name}"
    colab_url = _colab_url(course, stem)
    for cell, cell_id in zip(notebook.cells, _cell_ids(notebook), strict=True):
        cell.id = cell_id
        if cell.cell_type == "markdown":
            cell.source = _with_link(cell.source, colab_url)
    return notebook


def _node(cell: SourceCell) -> NotebookNode:
    metadata = deepcopy(dict(cell.metadata))
    for key in _OF_THE_LESSON:
        metadata.pop(key, None)
    make = {"code": new_code_cell, "markdown": new_markdown_cell}.get(cell.kind, new_raw_cell)
    made: NotebookNode = make(cell.source, metadata=metadata)
    return made


def trusted_notebook(course: Course, bundle: NotebookBundle) -> NotebookNode:
    """The copy of a notebook that nbgrader puts over a submission.

    Answers are cleared, hidden tests are in, cells are locked, and the checksums are the same as in
    the gradebook. The steps are nbgrader's own release steps before the cells are recorded.
    """
    notebook = instructor_notebook(course, bundle)
    config, resources = course.config, ResourcesDict()
    for step in (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums):
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook


def _colab_url(course: Course, stem: str) -> str:
    """The address of a released notebook on Colab; empty if the course names no repository."""
    settings = course.settings
    if not settings.repository:
        return ""
    return _COLAB.format(
        repository=settings.repository, branch=settings.branch, path=f"{stem}.ipynb"
    )


def _with_link(source: str, colab_url: str) -> str:
    """The text with the link filled in; without a link, lines that need it are removed."""
    if colab_url:
        return source.replace(COLAB_PLACEHOLDER, colab_url)
    lines = (line for line in source.splitlines() if COLAB_PLACEHOLDER not in line)
    return "\n".join(lines).strip("\n") if COLAB_PLACEHOLDER in source else source


def _cell_ids(notebook: NotebookNode) -> Iterator[str]:
    """An id for each cell: its grade_id, or a hash of its text.

    Ids stay the same when other cells of the notebook change.
    """
    taken: set[str] = set()
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        own = id_of_text(cell.cell_type, cell.source)
        wanted = re.sub(r"[^a-zA-Z0-9_-]", "-", grade_id)[:48] or own
        cell_id, copy = wanted, 2
        while cell_id in taken:
            cell_id, copy = f"{wanted}-{copy}", copy + 1
        taken.add(cell_id)
        yield cell_id
