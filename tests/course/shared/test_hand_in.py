"""The last cell of a notebook, run in a real kernel as a student runs it."""

from __future__ import annotations

import copy
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.notebooks.notebook import grade_id_of
from autograder.release.samples import (
    answered,
    reference_answers,
    reference_weights,
    released_notebook,
)
from autograder.submission.folder import sort_files
from source.shared import hand_in

ESSAYS = {"small_or_large": "Two small ones.", "assumptions": "YOUR ANSWER HERE"}


@pytest.fixture
def notebook(course: Course, convolution: NotebookBundle) -> NotebookNode:
    """The first notebook, answered up to one exercise, without its figures."""
    answers = reference_answers(convolution)
    del answers["conv3d"]
    answers["conv1d"] = answers["conv1d"].replace("def conv1d", "def conv_1d")
    given = answered(released_notebook(course, convolution), answers, ESSAYS)
    given.cells = [cell for cell in given.cells if "figure" not in cell.metadata.get("tags", [])]
    return given


def said_by_the_last_cell(notebook: NotebookNode, folder: Path) -> str:
    """Run the setup, the answers and the last cell; tests of exercises are run by that."""
    notebook = copy.deepcopy(notebook)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and not grade_id_of(cell).startswith("test_")
    ]
    NotebookClient(
        notebook,
        allow_errors=True,
        skip_cells_with_tag="",
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return "".join(output.get("text", "") for output in notebook.cells[-1].outputs)


@pytest.mark.slow
def test_what_is_there_is_told_and_packed(notebook: NotebookNode, tmp_path: Path) -> None:
    (tmp_path / "Kopie von 01.ipynb").write_text(nbformat.writes(notebook))
    said = said_by_the_last_cell(notebook, tmp_path)
    lines = {line.split()[1].rstrip(":"): line for line in said.splitlines() if line[:2] == "  "}
    assert "17 of 17 graded cells are there" in said
    assert lines["corr2d"] == "  ok        corr2d"
    assert lines["conv3d"] == "  empty     conv3d: not written yet"
    assert "wrong" in lines["conv1d"] and "not defined" in lines["conv1d"]
    assert "a person reads this" in lines["small_or_large"]
    assert "no answer yet" in lines["assumptions"]
    assert "You can hand this in as it is" in said
    with zipfile.ZipFile(tmp_path / "01_convolution.zip") as archive:
        assert archive.namelist() == ["01_convolution.ipynb"]
        packed = nbformat.reads(archive.read("01_convolution.ipynb").decode(), as_version=4)
    assert [cell.source for cell in packed.cells] == [cell.source for cell in notebook.cells]


@pytest.mark.slow
def test_a_graded_cell_that_was_deleted_or_doubled_is_named(
    notebook: NotebookNode, tmp_path: Path
) -> None:
    by_id = {grade_id_of(cell): cell for cell in notebook.cells}
    notebook.cells.remove(by_id["test_corr2d"])
    double = copy.deepcopy(by_id["test_conv2d"])
    double.id = "another"
    notebook.cells.insert(5, double)
    (tmp_path / "01_convolution.ipynb").write_text(nbformat.writes(notebook))
    said = said_by_the_last_cell(notebook, tmp_path)
    assert "16 of 17 graded cells are there" in said
    assert "missing   test_corr2d" in said
    assert "twice     test_conv2d" in said


@pytest.mark.slow
def test_without_the_file_it_says_what_to_do(notebook: NotebookNode, tmp_path: Path) -> None:
    said = said_by_the_last_cell(notebook, tmp_path)
    assert "Save the notebook there as 01_convolution.ipynb" in said
    assert not list(tmp_path.glob("*.zip"))


@pytest.mark.slow
def test_the_grader_takes_one_zip_with_every_notebook_of_the_assignment(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = load_assignment(course, "conv")
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    for bundle in bundles:
        made = answered(released_notebook(course, bundle), reference_answers(bundle))
        Path(f"Kopie von {bundle.name}.ipynb").write_text(nbformat.writes(made))
    Path("lenet5.safetensors").write_bytes(reference_weights(course, "conv")["lenet5.safetensors"])
    names = [bundle.name for bundle in bundles]
    graded = [cell.grade_id for cell in bundles[0].graded]
    made = hand_in.check_and_pack(names[0], graded, assignment="conv", notebooks=names)
    assert made == Path("conv.zip")
    submitted = tmp_path / "submitted"
    submitted.mkdir()
    made.rename(submitted / "conv (2).zip")
    found = sort_files(submitted, bundles, tmp_path / "scratch")
    assert list(found.choices) == names
    assert [file.last_name for file in found.weights] == ["lenet5.safetensors"]
    assert list(found.weights_beside("04_lenet")) == ["lenet5.safetensors"]
    assert found.unused == ()
