from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.errors import SourceError
from autograder.nbgrader_api.database import database_url
from autograder.pairing.pair import BothEdited
from autograder.release.release import planned_release, register_cells, release, stale

pytestmark = pytest.mark.usefixtures("worked")

SOURCE = Path("source/demo/01_sums.py")
RELEASED = Path("assignments/demo/01_sums.ipynb")


def edit(course: Course, old: str, new: str) -> None:
    path = course.root / SOURCE
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def released(course: Course) -> nbformat.NotebookNode:
    return nbformat.read(course.root / RELEASED, as_version=4)


def test_a_released_notebook_holds_no_line_of_a_solution_or_a_hidden_test(course: Course) -> None:
    release(course, "demo")
    text = (course.root / RELEASED).read_text()
    for private in (
        "secret_sum",
        "fsum",
        "hidden_number",
        "most_common",
        "aab",
        "addition commutes",
        "BEGIN",
        "END",
    ):
        assert private not in text
    assert 'expect(\\"total of 1 and 2' in text
    assert text.count("raise NotImplementedError()") == 2
    assert "YOUR ANSWER HERE" in text


def test_nothing_private_is_copied_beside_a_released_notebook(course: Course) -> None:
    beside = course.root / "source/demo"
    (beside / "misconceptions").mkdir()
    (beside / "misconceptions" / "total.toml").write_text("")
    (beside / "data").mkdir()
    (beside / "data" / "numbers.csv").write_text("1,2\n")
    release(course, "demo")
    files = {path.name for path in (course.assignments / "demo").rglob("*") if path.is_file()}
    assert files == {"01_sums.ipynb", "numbers.csv"}


def test_nbgraders_own_release_copies_nothing_private_either(course: Course) -> None:
    release(course, "demo")
    (course.root / "source/demo/misconceptions").mkdir()
    (course.root / "source/demo/misconceptions/total.toml").write_text("")
    ours = (course.root / RELEASED).read_bytes()
    shutil.rmtree(course.assignments)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "demo", "--force"]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True, timeout=300)
    files = [path for path in (course.assignments / "demo").rglob("*") if path.is_file()]
    assert files == [course.root / RELEASED]
    assert files[0].read_bytes() == ours


def test_releasing_twice_gives_the_same_bytes_and_touches_nothing(course: Course) -> None:
    first = release(course, "demo")
    text = (course.root / RELEASED).read_bytes()
    second = release(course, "demo")
    assert RELEASED in first.changed
    assert second.changed == () and second.executed == ()
    assert (course.root / RELEASED).read_bytes() == text


def test_cell_ids_survive_an_edit_elsewhere(course: Course) -> None:
    release(course, "demo")
    before = {cell.source: cell.id for cell in released(course).cells}
    edit(course, "# Why?", "# Why so?")
    register_cells(course, "demo")
    assert stale(course, "demo") != []
    (course.solutions / "demo/01_sums.ipynb").unlink()
    edit(
        course,
        "# %% [markdown]\n# The total",
        "# %% [markdown]\n# New.\n\n# %% [markdown]\n# The total",
    )
    text = released_after(course)
    for source, cell_id in before.items():
        if source in text:
            assert text[source] == cell_id
    assert len(set(text.values())) == len(text)


def released_after(course: Course) -> dict[str, str]:
    from autograder.release.instructor import trusted_notebook
    from autograder.release.solutions import visible_part

    notebook = trusted_notebook(course, load_bundle(course.root / SOURCE))
    return {visible_part(cell.source): cell.id for cell in notebook.cells}


def test_a_released_notebook_asks_colab_for_a_gpu(course: Course) -> None:
    release(course, "demo")
    metadata = released(course).metadata
    assert metadata.accelerator == "GPU"
    assert metadata.colab.gpuType == "T4"
    assert metadata.kernelspec.name == "python3"


def test_the_badge_is_left_out_when_no_repository_is_set(course: Course) -> None:
    release(course, "demo")
    assert released(course).cells[0].source == "# Sums"


def test_the_badge_links_to_the_released_notebook(course: Course) -> None:
    course = replace(
        course, settings=replace(course.settings, repository="someone/cnn", branch="spring")
    )
    (course.solutions / "demo/01_sums.ipynb").unlink()
    from autograder.release.instructor import instructor_notebook

    text = instructor_notebook(course, load_bundle(course.root / SOURCE)).cells[0].source
    assert (
        "(https://colab.research.google.com/github/someone/cnn/blob/spring/"
        "assignments/demo/01_sums.ipynb)" in text
    )


def test_the_gradebook_knows_the_released_cells(course: Course) -> None:
    release(course, "demo")
    with Gradebook(database_url(course.gradebook), "cnn") as gradebook:
        notebook = gradebook.find_notebook("01_sums", "demo")
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    assert points == {"test_total": 2.0, "test_commonest": 3.0, "why": 1.0}


def test_nbgrader_accepts_a_database_made_here_as_its_own(course: Course) -> None:
    release(course, "demo")
    rows = sqlite3.connect(course.gradebook).execute("SELECT * FROM alembic_version").fetchall()
    assert len(rows) == 1 and rows[0][0]


def test_the_reference_module_imports_and_answers(course: Course) -> None:
    release(course, "demo")
    path = course.solutions / "demo/sums.py"
    spec = importlib.util.spec_from_file_location("sums", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.total([1, 2]) == 3
    assert module.commonest("abb") == "b"
    text = path.read_text()
    assert "import math\nfrom collections import Counter\n" in text
    assert "matplotlib" not in text and "expect" not in text and "deque" not in text


def test_generated_modules_are_formatted(course: Course) -> None:
    release(course, "demo")
    config = Path(__file__).resolve().parents[3] / "pyproject.toml"
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", config, course.solutions],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_fresh_release_is_not_stale_and_checking_writes_nothing(course: Course) -> None:
    release(course, "demo")
    before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*")}
    assert stale(course, "demo") == []
    assert {path: path.stat().st_mtime_ns for path in course.root.rglob("*")} == before


@pytest.mark.parametrize(
    ("old", "new", "complaints"),
    [
        ("# The total of", "# The sum of", {"assignments/demo/01_sums.ipynb"}),
        ("math.fsum(numbers)", "math.fsum(list(numbers))", {"solutions/demo/sums.py"}),
        ("hidden_number := 41", "hidden_number := 40 + 1", set()),
    ],
)
def test_an_edited_source_makes_its_shadows_stale(
    course: Course, old: str, new: str, complaints: set[str]
) -> None:
    release(course, "demo")
    edit(course, old, new)
    wanted = {f"{path} is out of date" for path in complaints}
    if complaints:
        wanted.add("solutions/demo/01_sums.ipynb is out of date")
    if old != "# The total of":
        wanted.add("solutions/demo/judged.json is out of date")
    assert set(stale(course, "demo")) == wanted


def test_missing_and_left_over_shadows_are_named(course: Course) -> None:
    release(course, "demo")
    (course.root / RELEASED).unlink()
    (course.solutions / "demo/old.py").write_text("")
    assert stale(course, "demo") == [
        f"{RELEASED} is missing",
        "solutions/demo/old.py has no source",
    ]
    report = release(course, "demo")
    assert report.changed == (RELEASED,)
    assert report.removed == (Path("solutions/demo/old.py"),)


def test_a_source_that_nbgrader_refuses_changes_nothing_and_says_why(course: Course) -> None:
    release(course, "demo")
    before = (course.root / RELEASED).read_bytes()
    edit(course, '"points": 2, "schema_version": 3', '"points": 2, "schema_version": 99')
    with pytest.raises(SourceError, match=r"demo cannot be released: .*newer version"):
        release(course, "demo")
    assert (course.root / RELEASED).read_bytes() == before


@pytest.mark.slow
def test_the_worked_notebook_is_run_and_keeps_its_figure_but_no_hidden_test(
    course: Course, worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")  # input for the shell, not for the notebook
    worked.unlink()
    report = release(course, "demo")
    assert report.executed == ("01_sums",)
    notebook = nbformat.read(worked, as_version=4)
    text = worked.read_text()
    assert "secret_sum" in text and "addition commutes" in text
    assert "hidden_number" not in text and "BEGIN" not in text
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert any(output.get("text", "").startswith("ok   total") for output in outputs)
    assert all("nbgrader" not in cell.metadata for cell in notebook.cells)


@pytest.mark.slow
def test_weights_that_a_worked_notebook_writes_are_kept_and_private_files_are_not_released(
    course: Course, worked: Path
) -> None:
    edit(course, "plt.plot([1, 2], [1, 3]);", 'open("net.safetensors", "wb").write(b"numbers")')
    private = course.source / "demo" / "private"
    private.mkdir()
    (private / "labels.txt").write_text("0 1 2")
    release(course, "demo")
    weights = course.solutions / "demo" / "net.safetensors"
    assert weights.read_bytes() == b"numbers"
    assert not list(course.assignments.rglob("labels.txt"))
    assert not list(course.solutions.rglob("labels.txt"))
    assert stale(course, "demo") == []
    assert release(course, "demo").removed == ()
    assert weights.exists()


@pytest.mark.slow
def test_a_worked_notebook_that_fails_stops_the_release_and_quotes_the_cell(
    course: Course, worked: Path, bundle: NotebookBundle
) -> None:
    edit(course, "plt.plot([1, 2], [1, 3]);", "plt.plot([1, 2], [1]);")
    with pytest.raises(SourceError, match=r"01_sums\.py, line \d+ \(figure\): the figure raises: "):
        release(course, "demo")
    assert not (course.root / RELEASED).exists()


def test_an_edited_notebook_goes_into_its_lesson_before_a_release(course: Course) -> None:
    release(course, "demo")
    path = course.root / SOURCE.with_suffix(".ipynb")
    path.write_text(path.read_text().replace("The total of", "The sum of"))
    assert "source/demo/01_sums.ipynb was edited, and its lesson was not" in stale(course, "demo")
    before = (course.root / SOURCE).read_text()
    planned = planned_release(course, "demo")
    assert [step.name for step in planned.taken] == ["demo/01_sums"]
    assert (course.root / SOURCE).read_text() == before
    report = release(course, "demo")
    assert [step.files for step in report.taken] == [("01_sums.py",)]
    assert "The sum of" in (course.root / SOURCE).read_text()
    assert "The sum of" in (course.root / RELEASED).read_text()
    assert release(course, "demo").taken == ()


def test_a_release_is_refused_if_lesson_and_notebook_were_both_edited(course: Course) -> None:
    release(course, "demo")
    path = course.root / SOURCE.with_suffix(".ipynb")
    path.write_text(path.read_text().replace("The total of", "The sum of"))
    edit(course, "# Sums", "# Totals")
    before = {file: file.read_bytes() for file in course.root.rglob("*") if file.is_file()}
    with pytest.raises(BothEdited, match="`autograder edit --take notebook demo/01_sums`"):
        release(course, "demo")
    assert {file: file.read_bytes() for file in course.root.rglob("*") if file.is_file()} == before
