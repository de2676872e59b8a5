"""The instructor's notebook: a percent file as an .ipynb for nbgrader and JupyterLab."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.course.layout import CONFIG_NAME, Course
from autograder.course.nbgrader_config import course_config
from autograder.course.shared_code import FOLDER
from autograder.course.source import read_source

COLAB_PLACEHOLDER = "@COLAB_URL@"
_COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"

# Some notebooks of the course need a GPU; Colab provides the accelerator that is named here.
_METADATA = {
    "accelerator": "GPU",
    "colab": {"gpuType": "T4", "provenance": []},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def instructor_notebook(course: Course, path: Path) -> NotebookNode:
    """The notebook of a percent file, the same from run to run: cell ids, metadata, Colab link."""
    notebook = read_source(path)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = NotebookNode(_METADATA)
    colab_url = _colab_url(course, f"{course.assignments.name}/{path.parent.name}/{path.stem}")
    for cell, cell_id in zip(notebook.cells, _cell_ids(notebook), strict=True):
        cell.id = cell_id
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's metadata, about the text file
        if cell.cell_type == "markdown":
            cell.source = _with_link(cell.source, colab_url)
    return notebook


def trusted_notebook(course: Course, path: Path) -> NotebookNode:
    """The copy of a notebook that nbgrader puts over a submission.

    Answers are cleared, hidden tests are in, cells are locked, and the checksums are the same as in
    the gradebook. The steps are nbgrader's own release steps before the cells are recorded.
    """
    made_of = (path, course.root / CONFIG_NAME, *sorted((course.source / FOLDER).glob("*.py")))
    return deepcopy(_trusted(course, path, *(file.stat().st_mtime_ns for file in made_of)))


@lru_cache(maxsize=8)  # a class is graded against the same few notebooks
def _trusted(course: Course, path: Path, *changed_ns: int) -> NotebookNode:
    notebook = instructor_notebook(course, path)
    config, resources = course_config(course), ResourcesDict()
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
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        wanted = re.sub(r"[^a-zA-Z0-9_-]", "-", grade_id)[:48] or f"cell-{digest}"
        cell_id, copy = wanted, 2
        while cell_id in taken:
            cell_id, copy = f"{wanted}-{copy}", copy + 1
        taken.add(cell_id)
        yield cell_id
