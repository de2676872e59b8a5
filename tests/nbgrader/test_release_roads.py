"""Every road of a release: ours, nbgrader's command, formgrader's button, and the exchange.

All roads release the same bytes, with figures and without private files.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader import utils

from autograder.course.layout import Course
from autograder.pairing.pair import BothEdited, write_notebooks
from autograder.release.figures import FIGURE
from autograder.release.release import release, stale
from tests.courses.build import config
from tests.courses.roads import (
    FIGURES,
    PRIVATE,
    PUBLIC,
    SECRET,
    add_private_files,
    write_roads,
)
from tests.nbgrader.commands import finish, run
from tests.nbgrader.server import Formgrader, running_formgrader

pytestmark = [pytest.mark.nbgrader, pytest.mark.slow]

RELEASED = Path("assignments/roads/01_roads.ipynb")
NOTHING_IGNORED = "c.CourseDirectory.ignore = []\n"
CONFIGS = {
    "of today": config("roads"),
    "of today, nothing ignored": config("roads", NOTHING_IGNORED),
    "with the plugin's first names": """\
import autograder.nbgrader_names
from autograder.nbgrader_hooks import install
c = get_config()
install()
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "[0-9]*_*.py", "misconceptions"]
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}
""",
    "with an import only": """\
import autograder.nbgrader_names
c = get_config()
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = []
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}
""",
    "with the older install only": """\
from autograder.nbgrader_hooks import install
c = get_config()
install()
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = ["*.pyc"]
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}
c.GenerateAssignment.preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in ("LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata",
                 "ComputeChecksums", "SaveCells", "ClearHiddenTests", "ComputeChecksums")
]
""",
}  # fmt: skip


@pytest.fixture(scope="session")
def roads_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course of roads, released once by our command."""
    course = write_roads(tmp_path_factory.mktemp("roads") / "course", config("roads"))
    release(course, "roads")
    return course.root


@pytest.fixture
def roads(roads_root: Path, tmp_path: Path) -> Course:
    """A copy of the released course for one test."""
    shutil.copytree(roads_root, tmp_path / "course")
    return Course.find(tmp_path / "course")


@pytest.fixture
def formgrader(roads: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formgrader]:
    with running_formgrader(roads.root, tmp_path_factory.mktemp("home")) as server:
        yield server


def released_files(course: Course) -> dict[str, bytes]:
    folder = course.assignments / "roads"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def figures(notebook: NotebookNode) -> dict[str, bool]:
    """The cells that draw, by title, and whether each shows something."""
    return {
        cell.source.partition("@title ")[2].partition(" {")[0]: bool(cell.outputs)
        for cell in notebook.cells
        if FIGURE in cell.metadata.get("tags", [])
    }


# ------------------------------------------------------------------------ the same by all roads


def test_all_roads_release_the_same_bytes(roads: Course, formgrader: Formgrader) -> None:
    ours = released_files(roads)
    assert set(ours) == {"01_roads.ipynb", *PUBLIC}
    shutil.rmtree(roads.assignments)
    (roads.source / "roads" / "01_roads.ipynb").unlink(missing_ok=True)
    run(roads, "nbgrader", "generate_assignment", "roads")
    assert released_files(roads) == ours

    reply = formgrader.api("assignment/roads/assign", "POST")
    assert reply["success"], reply
    assert released_files(roads) == ours
    assert stale(roads, "roads") == []


def test_an_edited_notebook_goes_into_its_lesson_by_every_road(
    roads: Course, formgrader: Formgrader
) -> None:
    lesson = roads.source / "roads" / "01_roads.py"
    made = lesson.with_suffix(".ipynb")
    made.write_text(made.read_text().replace("Return twice x", "Return x + x"))
    assert stale(roads, "roads") == [
        "source/roads/01_roads.ipynb was edited, and its lesson was not"
    ]
    reply = formgrader.api("assignment/roads/assign", "POST")
    assert reply["success"], reply
    assert "Return x + x" in lesson.read_text()
    theirs = released_files(roads)
    assert "Return x + x" in (roads.root / RELEASED).read_text()
    release(roads, "roads")
    assert released_files(roads) == theirs

    made.write_text(made.read_text().replace("Return x + x", "Return 2 * x"))
    lesson.write_text(lesson.read_text().replace("# # Roads", "# # Streets"))
    code, said = finish(roads, "nbgrader", "generate_assignment", "roads", "--force")
    assert code == 1 and "`autograder edit --take notebook roads/01_roads`" in said
    assert released_files(roads) == theirs
    with pytest.raises(BothEdited):
        release(roads, "roads")
    assert released_files(roads) == theirs


def test_figures_are_shown_where_no_answer_is_needed(roads: Course) -> None:
    notebook = nbformat.read(roads.root / RELEASED, as_version=4)
    assert figures(notebook) == FIGURES
    road = next(cell for cell in notebook.cells if "A straight road" in cell.source)
    assert [one.output_type for one in road.outputs] == ["stream", "display_data"]
    assert road.outputs[0].text == "a road of 3 points\n"
    assert all(cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    worked = nbformat.read(roads.solutions / "roads/01_roads.ipynb", as_version=4)
    assert all(figures(worked).values())


def test_a_lesson_that_changed_is_released_by_nbgrader_as_it_is_now(roads: Course) -> None:
    lesson = roads.source / "roads" / "01_roads.py"
    lesson.write_text(lesson.read_text().replace("Return twice x.", "Return x + x."))
    run(roads, "nbgrader", "generate_assignment", "roads", "--force")
    text = (roads.root / RELEASED).read_text()
    assert "Return x + x." in text and "Return twice x." not in text
    assert figures(nbformat.reads(text, as_version=4)) == FIGURES  # an answer draws none of them


def test_a_changed_figure_is_not_released_from_an_older_worked_notebook(roads: Course) -> None:
    lesson = roads.source / "roads" / "01_roads.py"
    lesson.write_text(lesson.read_text().replace("plt.plot([1, 2, 3])", "plt.plot([3, 2, 1])"))
    said = run(roads, "nbgrader", "generate_assignment", "roads", "--force")
    assert "01_roads is released without figures: solutions/roads/01_roads.ipynb is not" in said
    notebook = nbformat.read(roads.root / RELEASED, as_version=4)
    assert figures(notebook) == dict.fromkeys(FIGURES, False)


def test_nbgrader_refuses_a_lesson_that_cannot_be_released_and_leaves_the_release(
    roads: Course,
) -> None:
    before = released_files(roads)
    lesson = roads.source / "roads" / "01_roads.py"
    lesson.write_text(
        lesson.read_text().replace("# %% check double points=2", "# %% wrong_kind double")
    )
    code, said = finish(roads, "nbgrader", "generate_assignment", "roads", "--force")
    assert code == 1 and "wrong_kind" in said
    assert released_files(roads) == before


def test_formgrader_lists_assignments_only(roads: Course, formgrader: Formgrader) -> None:
    for name in ("shared", "__pycache__", "empty", "exercises"):
        (roads.source / name).mkdir()
    (roads.source / "shared" / "code.py").write_text("x = 1\n")
    (roads.source / "plain").mkdir()
    nbformat.write(nbformat.v4.new_notebook(), roads.source / "plain" / "problem.ipynb")
    listed = [one["name"] for one in formgrader.api("assignments")]
    assert sorted(listed) == ["plain", "roads"]


def test_an_assignment_without_a_lesson_is_nbgraders(roads: Course) -> None:
    folder = roads.source / "plain"
    (folder / "exercises").mkdir(parents=True)
    (folder / "exercises" / "note.txt").write_text(SECRET)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Plain.")])
    nbformat.write(notebook, folder / "problem.ipynb")
    run(roads, "nbgrader", "generate_assignment", "plain")
    assert [path.name for path in (roads.assignments / "plain").iterdir()] == ["problem.ipynb"]


# ------------------------------------------------------------------------------ no private file


def assert_nothing_private(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert not path.is_symlink(), path
        if path.is_file():
            text = path.read_bytes()
            assert SECRET.encode() not in text, path
            assert b"secret numbers" not in text and b"square where" not in text, path


@pytest.mark.parametrize("name", CONFIGS)
def test_no_private_file_is_released_whatever_the_configuration_ignores(
    name: str, roads: Course
) -> None:
    (roads.root / "nbgrader_config.py").write_text(CONFIGS[name])
    add_private_files(roads)
    nbformat.write(nbformat.v4.new_notebook(), roads.source / "roads" / "01_roads-Copy1.ipynb")
    shutil.rmtree(roads.assignments)
    run(roads, "nbgrader", "generate_assignment", "roads")
    assert set(released_files(roads)) == {"01_roads.ipynb", *PUBLIC}
    assert_nothing_private(roads.assignments)
    notebook = nbformat.read(roads.root / RELEASED, as_version=4)
    assert figures(notebook) == FIGURES


def test_our_release_copies_no_private_file_and_removes_those_of_an_older_release(
    roads: Course,
) -> None:
    (roads.root / "nbgrader_config.py").write_text(CONFIGS["of today, nothing ignored"])
    add_private_files(roads)
    older = roads.assignments / "roads"
    leave_private_files_in(older)
    told = [line for line in stale(roads, "roads") if line.endswith("has no source")]
    assert len(told) == len(PRIVATE) + 1
    release(roads, "roads")
    assert set(released_files(roads)) == {"01_roads.ipynb", *PUBLIC}
    assert not [path for path in older.rglob("*") if path.is_dir() and path.name != "data"]
    assert stale(roads, "roads") == []


def leave_private_files_in(folder: Path) -> None:
    """Make the folder an older release that held private files."""
    for name in PRIVATE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(SECRET)
    (folder / "private" / "net.safetensors").write_text(SECRET)


def test_nbgraders_release_removes_private_files_even_if_it_skips_the_assignment(
    roads: Course,
) -> None:
    leave_private_files_in(roads.assignments / "roads")
    said = run(roads, "nbgrader", "generate_assignment", "roads")
    assert "Removed from the release, since it is private" in said
    assert set(released_files(roads)) == {"01_roads.ipynb", *PUBLIC}


def test_the_exchange_refuses_a_release_with_a_private_file(roads: Course, tmp_path: Path) -> None:
    exchange = [f"--Exchange.root={tmp_path / 'exchange'}", "--course=roads"]
    leave_private_files_in(roads.assignments / "roads")
    code, said = finish(roads, "nbgrader", "release_assignment", "roads", *exchange)
    assert code == 1 and "is no part of a release" in said
    assert not list((tmp_path / "exchange").rglob("*.ipynb"))
    run(roads, "nbgrader", "generate_assignment", "roads")
    run(roads, "nbgrader", "release_assignment", "roads", *exchange)
    outbound = tmp_path / "exchange" / "roads" / "outbound" / "roads"
    assert sorted(path.name for path in outbound.rglob("*") if path.is_file()) == [
        "01_roads.ipynb", "map.txt", "points.csv",
    ]  # fmt: skip


def test_nbgraders_solution_holds_no_private_file_and_no_hidden_test(roads: Course) -> None:
    (roads.root / "nbgrader_config.py").write_text(CONFIGS["of today, nothing ignored"])
    add_private_files(roads)
    run(roads, "nbgrader", "generate_solution", "roads")
    solution = roads.root / "solution"
    assert_nothing_private(solution)
    assert "return 2 * x" in (solution / "roads" / "01_roads.ipynb").read_text()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("notes.py", "exercises/double/check.py"),
        ("data/key.txt", "../../../solutions/roads/roads.py"),
        ("data/more", "../exercises"),
        ("lesson.txt", "01_roads.py"),
    ],
)
def test_a_link_to_a_private_file_is_not_followed(name: str, target: str, roads: Course) -> None:
    link = roads.source / "roads" / name
    link.symlink_to(target)
    assert link.exists()
    shutil.rmtree(roads.assignments)
    run(roads, "nbgrader", "generate_assignment", "roads")
    assert set(released_files(roads)) == {"01_roads.ipynb", *PUBLIC}


def test_a_link_to_a_public_file_is_copied_by_both_roads(roads: Course, tmp_path: Path) -> None:
    (tmp_path / "store.csv").write_text("5, 6\n")
    (roads.source / "roads" / "store.csv").symlink_to(tmp_path / "store.csv")
    (roads.source / "roads" / "same.txt").symlink_to("map.txt")
    release(roads, "roads")
    ours = released_files(roads)
    assert ours["store.csv"] == b"5, 6\n" and ours["same.txt"] == ours["map.txt"]
    run(roads, "nbgrader", "generate_assignment", "roads", "--force")
    assert released_files(roads) == ours
    assert not any((roads.assignments / "roads" / name).is_symlink() for name in ours)


# ------------------------------------------------- configurations that never import our modules

STRINGS_ONLY = """\
c = get_config()
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = {ignored}
c.Autograde.exporter_class = "autograder.stand_in.StandIn"
"""


def test_release_refuses_a_configuration_that_would_let_nbgrader_release_private_files(
    roads: Course,
) -> None:
    config_file, before = roads.root / "nbgrader_config.py", released_files(roads)
    config_file.write_text(STRINGS_ONLY.format(ignored='["[0-9]*_*.py", "misconceptions"]'))
    code, said = finish(roads, "autograder", "release", "roads")
    assert code == 2
    assert "would release exercises/double/check.py" in " ".join(said.split())
    assert "from autograder.nbgrader_plugin import install" in " ".join(said.split())
    assert released_files(roads) == before
    config_file.write_text(STRINGS_ONLY.format(ignored='["[0-9]*_*.py", "exercises"]'))
    assert finish(roads, "autograder", "release", "roads", "--dry-run")[0] == 0


# ------------------------------------------------------------------------ what students hand in

RIGHT = "def double(x):\n    return x + x\n"


def handed_in(course: Course, answer: str = "") -> NotebookNode:
    """The released notebook as a student hands it in, not run: the figures are in it."""
    notebook = nbformat.read(course.root / RELEASED, as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if answer and grade_id in ("double", "why"):
            cell.source = answer if grade_id == "double" else "Two lanes."
    return notebook


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    plain = nbformat.from_dict(notebook)
    for cell in plain.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return plain


@pytest.mark.sandbox
@pytest.mark.parametrize("answer", ["", RIGHT], ids=["as released", "answered"])
def test_figures_in_what_students_hand_in_change_no_verdict(answer: str, roads: Course) -> None:
    for student, make in {"ada": nbformat.from_dict, "bob": without_outputs}.items():
        folder = roads.submitted / student / "roads"
        folder.mkdir(parents=True)
        nbformat.write(make(handed_in(roads, answer)), folder / "01_roads.ipynb")
    run(roads, "autograder", "grade", "roads", "--json", "out.json")
    ada, bob = (
        {key: value for key, value in one.items() if key not in ("student", "seconds")}
        for one in json.loads((roads.root / "out.json").read_text())
    )
    assert ada == bob
    assert ada["points"] == (2.0 if answer else 0.0)
    assert not ada["notes"]
    pages = {
        student: nbformat.read(
            roads.autograded / student / "roads" / "01_roads.ipynb", as_version=4
        )
        for student in ("ada", "bob")
    }
    shown = {name: [cell.source for cell in page.cells] for name, page in pages.items()}
    assert [one.replace("ada", "bob") for one in shown["ada"]] == shown["bob"]


def test_validate_is_not_disturbed_by_figures(roads: Course, tmp_path: Path) -> None:
    path = tmp_path / "01_roads.ipynb"
    nbformat.write(handed_in(roads), path)
    assert "VALIDATION FAILED ON 2 CELL(S)" in run(roads, "nbgrader", "validate", str(path))
    nbformat.write(handed_in(roads, RIGHT), path)
    assert "Success!" in run(roads, "nbgrader", "validate", str(path))


def test_the_checksums_of_a_release_are_those_in_the_gradebook(roads: Course) -> None:
    """So that nbgrader sees no change of a cell because of a figure."""
    cells = nbformat.read(roads.root / RELEASED, as_version=4).cells
    facts = [cell.metadata["nbgrader"] for cell in cells if "nbgrader" in cell.metadata]
    assert [utils.compute_checksum(cell) for cell in cells if "nbgrader" in cell.metadata] == [
        one["checksum"] for one in facts
    ]


def test_edits_in_jupyterlab_go_into_the_lesson_before_nbgrader_releases(roads: Course) -> None:
    path = roads.source / "roads" / "01_roads.py"
    write_notebooks(roads, {path: path.read_text()})
    beside = path.with_suffix(".ipynb")
    beside.write_text(beside.read_text().replace("Return twice x.", "Return x + x."))
    run(roads, "nbgrader", "generate_assignment", "roads", "--force")
    assert "Return x + x." in path.read_text()
    assert "Return x + x." in (roads.root / RELEASED).read_text()
