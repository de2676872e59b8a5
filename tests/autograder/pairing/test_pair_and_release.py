"""A lesson, edited as a notebook with nbgrader's toolbar, and released."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager

from autograder.course.layout import Course
from autograder.pairing.pair import Pair, Step
from autograder.release.release import release, stale
from tests.courses.lessons import LESSON, check_text, write_lesson_course
from tests.courses.toolbar import as_used, cell_of, new_cell, set_points

pytestmark = pytest.mark.nbgrader


def released(course: Course) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (course.assignments / "demo").iterdir()}


def sources(course: Course) -> list[str]:
    path = course.assignments / "demo" / "01_sums.ipynb"
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_an_edit_with_the_toolbar_changes_only_its_part_of_a_release(tmp_path: Path) -> None:
    course = write_lesson_course(tmp_path)
    release(course, "demo")
    before, cells = released(course), sources(course)
    pair = Pair.named(course, "demo/01_sums")

    nbformat.write(as_used(nbformat.read(pair.notebook, as_version=4)), pair.notebook)
    assert release(course, "demo").changed == ()
    assert released(course) == before

    notebook = nbformat.read(pair.notebook, as_version=4)
    set_points(notebook, "test_total", 4)
    cell = cell_of(notebook, "test_total")
    cell.source = cell.source.replace("n=3", "n=4")
    check = check_text("mean", "lambda x: x.mean()")
    answer = 'def mean(x):\n    """Return the mean."""\n    ### BEGIN SOLUTION\n    return x.mean()\n    ### END SOLUTION'
    hidden = f"### BEGIN HIDDEN TESTS\n{check}### END HIDDEN TESTS"
    notebook.cells[-1:-1] = [  # above the empty cell at the end
        new_cell("solution", "mean", answer),
        new_cell("tests", "test_mean", hidden, 1),
    ]
    nbformat.write(notebook, pair.notebook)
    report = release(course, "demo")
    assert report.max_points == 2 + 1.5 + 1 + 2 + 1
    assert [step.files for step in report.taken] == [
        ("exercises/total/check.py", "exercises/mean/check.py", "01_sums.py")
    ]
    after = sources(course)
    assert (
        after[-2]
        == 'def mean(x):\n    """Return the mean."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )
    assert after[-1].startswith("# mean, 1 point: hidden tests run here")
    different = [new for old, new in zip(cells, after, strict=False) if old != new]
    assert len(after) == len(cells) + 2
    assert [text.partition("\n")[0] for text in different] == [
        "# total, 4 points: hidden tests run here when your notebook is graded."
    ]
    assert stale(course, "demo") == []


def test_a_save_through_jupyters_contents_manager_is_no_edit(tmp_path: Path) -> None:
    pair = Pair.named(write_lesson_course(tmp_path), "demo/01_sums")
    pair.bring_together()
    made = pair.notebook.read_bytes()
    manager = LargeFileManager(root_dir=str(pair.notebook.parent))
    model = manager.get("01_sums.ipynb")
    for cell in model["content"]["cells"]:
        cell["metadata"]["trusted"] = True
    as_used(model["content"])
    manager.save({key: model[key] for key in ("type", "format", "content")}, "01_sums.ipynb")
    assert pair.notebook.read_bytes() != made
    assert pair.bring_together() == Step("demo/01_sums")
    set_points(model["content"], "test_total", 3)
    manager.save({key: model[key] for key in ("type", "format", "content")}, "01_sums.ipynb")
    assert pair.bring_together().files == ("01_sums.py",)
    assert pair.path.read_text() == LESSON.replace("points=2", "points=3")
