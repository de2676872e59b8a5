"""The lessons of the course, edited as notebooks with nbgrader's toolbar, and released again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.pairing.pair import Pair, Step
from autograder.release.instructor import instructor_notebook
from tests.courses.toolbar import as_used, set_kind, set_points

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.relative_to(ROOT) for path in ROOT.glob("source/*/[0-9]*_*.py"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "source", root / "source", ignore=shutil.ignore_patterns("*.ipynb"))
    return Course.find(root)


def texts(folder: Path) -> dict[str, str]:
    """Every text of the assignment, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".toml")
    }


def released(course: Course, path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Text and metadata of the cells that a release is made of."""
    notebook = instructor_notebook(course, load_bundle(path))
    return [(cell.source, cell.metadata) for cell in notebook.cells]


def chosen_again(notebook: NotebookNode) -> None:
    """Choose the kind of every cell again, as the toolbar writes it."""
    for cell in notebook.cells:
        facts = cell.metadata.get("nbgrader")
        if facts and not cell.metadata.get("tags"):
            kind = {
                (True, True): "manual", (True, False): "tests", (False, True): "solution",
            }.get((facts.grade, facts.solution), "readonly")  # fmt: skip
            set_kind(cell, kind, facts.grade_id, facts.get("points", 0))


def test_the_course_has_eight_lessons() -> None:
    assert len(LESSONS) == 8


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_equal_but_for_the_edit(copy: Course, lesson: Path) -> None:
    path = copy.root / lesson
    pair = Pair.named(copy, f"{path.parent.name}/{path.stem}")
    before, cells = texts(path.parent), released(copy, path)
    pair.bring_together()

    notebook = nbformat.read(pair.notebook, as_version=4)
    chosen_again(notebook)
    nbformat.write(as_used(notebook), pair.notebook)
    assert pair.bring_together() == Step(pair.name)
    pair.bring_together("notebook")  # converts even though nothing was edited
    assert texts(path.parent) == before

    (graded, *_) = [cell for cell in notebook.cells if "### BEGIN HIDDEN TESTS" in cell.source]
    grade_id, exercise = graded.metadata.nbgrader.grade_id, graded.metadata.exercise
    set_points(notebook, grade_id, 37)
    nbformat.write(notebook, pair.notebook)
    assert pair.bring_together().files == (path.name,)
    header = rf"^(# %% check {exercise} points=)[\d.]+"
    wanted = re.sub(header, r"\g<1>37", before[path.name], flags=re.MULTILINE)
    assert wanted != before[path.name]
    assert texts(path.parent) == before | {path.name: wanted}

    after = released(copy, path)
    changed = [new for old, new in zip(cells, after, strict=True) if old != new]
    assert [facts.nbgrader.points for _, facts in changed if "nbgrader" in facts] == [37]
    assert all("nbgrader" in facts or "37" in text or "points" in text for text, facts in changed)
    path.write_text(before[path.name])
