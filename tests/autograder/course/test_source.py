from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment, load_bundle
from autograder.errors import SourceError, UsageError


def test_cells_are_sorted_by_what_they_are_for(tiny: NotebookBundle) -> None:
    def ids(cells: object) -> list[str]:
        return [cell.grade_id for cell in cells]  # type: ignore[attr-defined]

    assert ids(tiny.tests) == ["test_add", "test_scale"]
    assert ids(tiny.answers) == ["add", "scale"]
    assert ids(tiny.manual) == ["why"]
    assert ids(tiny.graded) == ["test_add", "test_scale", "why"]
    assert (tiny.assignment, tiny.name, tiny.module_name) == ("tiny", "01_tiny", "tiny")
    assert [cell.points for cell in tiny.graded] == [2, 7, 1]
    assert tiny.setup.startswith("import torch")


def test_a_solution_is_the_cell_without_its_markers(tiny: NotebookBundle) -> None:
    answer = tiny.answer_for("add")
    assert answer is not None
    assert "BEGIN" not in answer.solution
    assert "    return a + b" in answer.solution
    assert tiny.answer_for("nothing") is None


def test_an_open_question_is_an_exercise_of_its_own(tiny: NotebookBundle) -> None:
    assert tiny.manual[0].exercise == "why"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"grade_id": "test_add"', '"grade_id": ""', "has no grade_id"),
        ('"grade_id": "test_add"', '"grade_id": "test_scale"', "used twice"),
        ('"points": 2, ', "", "lacks an exercise or points"),
        ('"points": 2,', '"points": -1,', "lacks an exercise or points"),
        (
            'exercise="add" nbgrader={"grade": true, "grade_id": "test_add", "locked": true, '
            '"points": 2,',
            'nbgrader={"grade": true, "grade_id": "test_add", "locked": true, "points": 0,',
            "lacks an exercise or points",
        ),
    ],
)
def test_a_graded_cell_that_breaks_a_rule_is_refused(
    tiny_course: Course, old: str, new: str, words: str
) -> None:
    path = tiny_course.source / "tiny" / "01_tiny.py"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SourceError, match=words) as caught:
        load_bundle(path)
    assert "01_tiny.py" in str(caught.value)


def test_a_test_worth_no_points_is_a_try_and_is_recorded(tiny_course: Course) -> None:
    path = tiny_course.source / "tiny" / "01_tiny.py"
    path.write_text(path.read_text().replace('"points": 2,', '"points": 0,'))
    bundle = load_bundle(path)
    assert [cell.grade_id for cell in bundle.tries] == ["test_add"]
    assert [cell.grade_id for cell in bundle.tests] == ["test_scale"]
    assert [cell.grade_id for cell in bundle.graded] == ["test_add", "test_scale", "why"]
    assert [(cell.is_try, cell.is_restored) for cell in bundle.tries] == [(True, True)]


def test_all_notebooks_of_an_assignment_are_read_in_order(tiny_course: Course) -> None:
    first = tiny_course.source / "tiny" / "01_tiny.py"
    (first.parent / "02_more.py").write_text("# %%\nx = 1\n")
    (first.parent / "notes.py").write_text("not a notebook")
    assert [b.name for b in load_assignment(tiny_course, "tiny")] == ["01_tiny", "02_more"]


def test_an_assignment_that_is_not_there_is_refused_with_those_that_are(
    tiny_course: Course,
) -> None:
    with pytest.raises(UsageError, match=r"no assignment named 'tin' .*there: tiny"):
        load_assignment(tiny_course, "tin")


@pytest.mark.parametrize("name", ["../tiny", "/etc", "", ".", "*", "[a]"])
def test_a_name_that_is_no_folder_s_is_refused(tiny_course: Course, name: str) -> None:
    (tiny_course.root / "tiny").mkdir()
    Path(tiny_course.root / "tiny" / "01_x.py").write_text("x = 1")
    with pytest.raises(UsageError, match="no assignment named"):
        load_assignment(tiny_course, name)
