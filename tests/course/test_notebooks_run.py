"""Every notebook runs from top to bottom with the reference answers, in the time that it states."""

from __future__ import annotations

import re
import resource
import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.release.solutions import execute, worked_notebook

SLACK = 3.0  # the statement is about an ordinary machine, and this one may be busy


def stated_seconds(notebook: NotebookNode) -> float:
    """CPU seconds that the start of a notebook says all its cells need together."""
    text = " ".join("\n".join(cell.source for cell in notebook.cells[:2]).split())
    (found,) = re.findall(r"all cells together need about (\d+) seconds", text)
    return float(found)


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_a_notebook_runs_and_keeps_to_its_budget(
    course: Course, bundle: NotebookBundle, tmp_path: Path
) -> None:
    notebook = worked_notebook(course, bundle)
    for path in bundle.path.parent.glob("*.npz"):
        shutil.copy(path, tmp_path)
    before = cpu_seconds()
    execute(notebook, bundle.name, tmp_path)  # raises when a cell fails
    used = cpu_seconds() - before
    print(f"{bundle.name}: {used:.0f} CPU seconds")
    assert used < SLACK * stated_seconds(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    printed = "".join(output.get("text", "") for cell in code for output in cell.outputs)
    assert printed.count("ok   ") >= len(bundle.answers)
    assert "No figure yet" not in printed and "A figure appears here" not in printed
    pictures = [o for cell in code for o in cell.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 3
