"""The text of the notebooks: links, imports, and the first cell's rules for students."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from autograder.course.help_text import help_text
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment, read_source
from autograder.lesson.code_placeholders import sections
from autograder.notebooks.notebook import grade_id_of
from autograder.release.samples import released_notebook
from tests.course.conftest import NOTEBOOKS

SHIPPED = {"matplotlib", "numpy", "torch", "PIL"}  # packages on Colab; PIL comes with matplotlib
GUARDED = {"google", "IPython", "requests", "torchvision"}  # only inside try or suppress
HOURS = {  # the words of "How long it takes", in hours
    "One to one and a half": (1, 1.5),
    "One and a half to two": (1.5, 2),
    "Two to three": (2, 3),
    "Three to four": (3, 4),
    "Four to six": (4, 6),
}
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return read_source(request.param)


def prose(notebook: NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook: NotebookNode) -> list[str]:
    """The code cells as students get them, without lines that only IPython understands."""
    return [
        re.sub(r"^\s*[%!].*$", "pass", HIDDEN.sub("", cell.source), flags=re.MULTILINE)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_links_are_whole(notebook: NotebookNode) -> None:
    text = prose(notebook)
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert links, "there is nothing to read on"
    for link in links:
        assert re.fullmatch(r"https?://[\w.-]+\.[a-z]+(/\S*)?|@COLAB_URL@|#\S+", link), link
    assert not re.search(r"(?<![(<])https?://\S+(?![)>])", re.sub(r"\]\([^)]*\)", "", text))
    assert text.count("```") % 2 == 0
    assert not re.search(r"\]\s\(|\[\]\(", text)


def test_imports_are_what_colab_ships_and_everything_else_is_guarded(
    notebook: NotebookNode,
) -> None:
    import sys

    for source in code(notebook):
        tree = ast.parse(source)
        guarded = {
            id(inner)
            for outer in ast.walk(tree)
            if isinstance(outer, (ast.Try, ast.With, ast.FunctionDef))
            for inner in ast.walk(outer)
        }
        for node in ast.walk(tree):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in (name.partition(".")[0] for name in names):
                if name in GUARDED:
                    assert id(node) in guarded, f"{name} is imported without a guard"
                else:
                    assert name in SHIPPED | set(sys.stdlib_module_names), name
                assert name not in {"imp", "distutils", "asyncore", "asynchat", "smtpd", "cgi"}


def test_the_start_says_what_is_due_and_how_long_it_takes(notebook: NotebookNode) -> None:
    text = "\n".join(cell.source for cell in notebook.cells[:2])
    for words in ("What is due", "How long it takes", "points", "seconds"):
        assert words in text
    first_code = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    assert "setup" in notebook.cells[first_code].metadata.tags
    assert "Question 1" in prose(notebook)


def test_the_first_cell_holds_imports_and_settings_and_the_others_are_folded(
    notebook: NotebookNode,
) -> None:
    first, *others = (cell for cell in notebook.cells if "setup" in cell.metadata.get("tags", []))
    assert first.metadata.nbgrader.grade_id == "setup"
    for node in ast.parse(first.source).body:
        is_setting = "rcParams" in ast.unparse(node)
        assert isinstance(node, (ast.Import, ast.ImportFrom)) or is_setting
    names = [cell.metadata.nbgrader.grade_id for cell in others]
    assert names[-1] == "setup_tests"
    for cell in others:
        assert cell.metadata.cellView == "form"
        assert cell.metadata.jupyter.source_hidden
        assert cell.source.startswith("# @title ")


def test_every_visible_test_names_an_exercise_whose_section_it_points_to(
    notebook: NotebookNode,
) -> None:
    known = sections(notebook)
    by_id = {grade_id_of(cell): cell for cell in notebook.cells}
    shown: dict[str, Any] = {}
    exec(by_id["setup_tests"].source, shown)
    assert shown["SECTIONS"] == known
    tries = [cell for name, cell in by_id.items() if name.startswith("try_")]
    assert tries
    for cell in tries:
        assert cell.metadata.exercise in known
        assert re.match(r"\d+ ", known[cell.metadata.exercise])
        named = set(re.findall(r'"(\w+)[^"\n]*: ', cell.source))
        assert "assert " not in cell.source  # it would show a traceback
        assert cell.metadata.exercise in named
        for name in re.findall(r'expect\(\s*f?"(\w+)', cell.source):
            assert name in known, name


def test_rules_of_help_stand_beside_the_other_rules(bundle: NotebookBundle, course: Course) -> None:
    loaded = {one.name: one for one in load_assignment(course, bundle.assignment)}
    first = "\n".join(cell.source for cell in loaded[bundle.name].cells[:2])
    told = help_text(course.settings)
    assert f"**Help and working together**\n\n{told}\n" in first
    assert first.index("**Rules**") < first.index(told) < first.index("Run the next cells once")


def test_no_lesson_states_how_many_submissions_a_day_the_board_takes() -> None:
    number = (
        r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten) submissions? (?:a|per) day"
    )
    for path in NOTEBOOKS:
        assert not re.search(number, path.read_text().replace("\n# ", " "), re.IGNORECASE), path


def test_the_table_of_points_and_minutes_is_true(notebook: NotebookNode) -> None:
    table = re.findall(r"^\| (.*?) ?\|$", notebook.cells[0].source, re.MULTILINE)
    head, _, *rows = [[part.strip() for part in row.split("|")] for row in table]
    assert head == ["part", "you write", "points", "minutes", "level"]
    worth = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells)
    assert sum(float(row[2] or 0) for row in rows) == worth
    assert f"{worth:g} points" in notebook.cells[0].source
    minutes = sum(float(row[3]) for row in rows if len(row) > 3 and row[3])
    lowest, highest = HOURS[hours_told(notebook.cells[0].source)]
    assert 60 * lowest <= minutes <= 60 * highest


def hours_told(text: str) -> str:
    found = re.search(r"\*\*How long it takes\.\*\* (.*?) hours", text, re.DOTALL)
    assert found
    return " ".join(found[1].split())


def test_every_exercise_has_minutes_a_level_and_a_short_hint(notebook: NotebookNode) -> None:
    hints = {
        cell.metadata.exercise: re.sub(r"<[^>]*>.*|^Stuck.*", "", cell.source)
        for cell in notebook.cells
        if "hint" in cell.metadata.get("tags", [])
    }
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and nbgrader.get("solution"):
            assert cell.metadata.minutes > 0
            assert cell.metadata.level in {"easy", "medium", "hard"}
            assert 10 < len(hints[cell.metadata.exercise].split()) <= 60
            assert f"about {cell.metadata.minutes} minutes, {cell.metadata.level}" in prose(
                notebook
            )
    assert "## If you want more" in prose(notebook)


def test_the_last_code_cell_checks_and_packs_this_notebook(
    course: Course, bundle: NotebookBundle
) -> None:
    last = [cell for cell in released_notebook(course, bundle).cells if cell.cell_type == "code"][
        -1
    ]
    assert f'check_and_pack("{bundle.name}", [' in last.source.replace("\n    ", "")
    for cell in bundle.graded:
        assert (repr(cell.grade_id) in last.source) is not cell.is_try
    names = [path.stem for path in course.notebook_sources(bundle.assignment)]
    assert last.source.endswith(f", {bundle.assignment!r}, {names!r})")
    assert set(last.metadata.tags) == {"hand-in", "skip-execution"}


def test_every_stub_says_what_it_takes_and_raises(course: Course, bundle: NotebookBundle) -> None:
    stubs = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell
        for cell in released_notebook(course, bundle).cells
    }
    for answer in bundle.answers:
        source = stubs[answer.grade_id].source
        assert "raise NotImplementedError()" in source
        kinds = (ast.FunctionDef, ast.ClassDef)
        for node in [node for node in ast.parse(source).body if isinstance(node, kinds)]:
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_no_module_of_the_shared_folder_is_unused() -> None:
    folder = Path(NOTEBOOKS[0]).parents[1] / "shared"
    checks = folder.parent.glob("*/exercises/*/check.py")
    used = "\n".join(path.read_text() for path in (*NOTEBOOKS, *checks))
    for path in folder.glob("*.py"):
        others = "\n".join(other.read_text() for other in folder.glob("*.py") if other != path)
        assert f"from shared.{path.stem} import" in used + others
