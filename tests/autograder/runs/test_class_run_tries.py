"""Visible tests without points, from a hand-in to the gradebook, the pages and `verify`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.exports.files import export_assignment
from autograder.nbgrader_api.database import database_url
from autograder.notebooks.notebook import grade_id_of
from autograder.pages.feedback import write_feedback
from autograder.records.changes import changes
from autograder.records.gradebook import open_gradebook
from autograder.records.recorded_grades import read_notebook
from autograder.release.release import release
from autograder.release.solutions import worked_notebook
from autograder.results import NotebookResult, Outcome
from autograder.runs.class_run import ClassRun
from autograder.runs.simulate import simulate
from autograder.runs.verify import verify
from tests.courses.handed_in import as_bytes, as_handed_in, hand_in
from tests.courses.tries import TRIES, write_course

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
WRONG = {"add": "def add(a, b):\n    return a - b"}


def release_unrun(course: Course) -> NotebookBundle:
    """Release the course; its worked notebook is written first, and so not run."""
    (bundle,) = load_assignment(course, "tiny")
    worked = course.solutions / "tiny" / "01_tiny.ipynb"
    worked.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(worked_notebook(course, bundle), worked)
    release(course, "tiny")
    return bundle


@pytest.fixture(scope="module")
def released_tries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = write_course(tmp_path_factory.mktemp("tries"))
    release_unrun(course)
    return course.root


@pytest.fixture
def tries_course(released_tries: Path, tmp_path: Path) -> Course:
    shutil.copytree(released_tries, tmp_path, dirs_exist_ok=True)
    return Course.find(tmp_path)


def grades(course: Course, student: str) -> dict[str, tuple[float | None, float, bool]]:
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_submission_notebook("01_tiny", "tiny", student)
        return {
            grade.name: (grade.auto_score, grade.max_score, bool(grade.needs_manual_grade))
            for grade in notebook.grades
        }


def graded(course: Course) -> dict[str, NotebookResult]:
    return {one.student: one for one in ClassRun(course, "tiny", workers=1).grade()}


def page_of(course: Course, student: str) -> str:
    return (course.feedback / student / "tiny" / "01_tiny.html").read_text()


def test_a_class_is_recorded_with_its_tries_at_zero_and_told_on_the_pages(
    tries_course: Course,
) -> None:
    course = tries_course
    hand_in(course, "ada")
    hand_in(course, "bob", WRONG | {"count": "def count(x):\n    return 5"})
    (course.submitted / "ida" / "tiny").mkdir(parents=True)
    results = graded(course)
    nothing = {f"try_{name}": (0.0, 0.0, False) for name in ("add", "scale", "count")}
    for student, add in (("ada", 2.0), ("bob", 0.0), ("ida", 0.0)):
        expected = {"test_add": (add, 2.0, False)} | nothing
        assert grades(course, student).items() >= expected.items(), student
        with open_gradebook(course) as gradebook:  # the JSON and the gradebook agree
            notebook = gradebook.find_submission_notebook("01_tiny", "tiny", student)
            assert (notebook.score, notebook.max_score) == (results[student].points, 10.0)
            comments = {one.name: one.auto_comment for one in notebook.comments}
            assert comments["count"] == ("No response." if student == "ida" else None)
    assert "try_" not in json.dumps([one.public() for one in results.values()])
    assert export_assignment(course, "tiny").files[0].read_text().count(",10,") == 3

    path = course.autograded / "bob" / "tiny" / "01_tiny.ipynb"
    cells = {grade_id_of(cell): cell for cell in nbformat.read(path, as_version=4).cells}
    assert determine_grade(cells["try_add"]) == (0, 0.0)
    assert cells["try_scale"].outputs[0].text == "ok   twice a picture\n"
    write_feedback(course, "tiny")
    page = page_of(course, "bob")
    assert "1 + 2: got -1, expected 3" in page
    assert "ok   twice a picture" in page
    assert "values: got 5, expected 6" in page
    assert "0 / 0" not in page and "hidden tests stand here" not in page
    assert re.search(r"<b>7</b> of 10 points\s", page)
    assert len(re.findall(r'<td><a href="#try_', page)) == 0
    recorded = read_notebook(database_url(course.gradebook), "bob", "tiny", "01_tiny")
    counted = [name for name, grade in recorded.grades.items() if grade.is_counted]
    assert sorted(counted) == ["test_add", "test_scale", "why"]
    assert "ok   " not in page_of(course, "ida")


def test_a_release_with_tries_in_a_running_term_changes_no_points(released: Course) -> None:
    course = released  # visible lines stand in the graded cells
    hand_in(course, "ada")
    hand_in(course, "bob", WRONG)
    before = graded(course)
    (course.source / "tiny" / "01_tiny.py").write_text(TRIES)
    bundle = release_unrun(course)
    now = graded(course)
    assert [(one.student, one.points) for one in before.values()] == [
        (one.student, one.points) for one in now.values()
    ]
    assert [test.outcome for test in now["bob"].tries[:2]] == [Outcome.FAILED, Outcome.PASSED]
    assert grades(course, "ada")["try_add"] == (0.0, 0.0, False)
    with open_gradebook(course) as gradebook:  # as a gradebook of before the release
        for grade in gradebook.find_submission_notebook("01_tiny", "tiny", "ada").grades:
            if grade.name.startswith("try_"):
                grade.auto_score = None
        gradebook.db.commit()
    assert changes(course, [bundle], now.values()) == []


def test_verify_counts_no_tries_but_the_reference_must_pass_them(tries_course: Course) -> None:
    course = tries_course
    (found,) = verify(course, "tiny", workers=1)
    assert (found.problems, found.misconceptions, found.named) == ([], 3, 3)
    path = course.source / "tiny" / "01_tiny.py"
    path.write_text(path.read_text().replace("add(2, 2), 4)", "add(2, 2), 5)"))
    (found,) = verify(course, "tiny", workers=1)
    assert found.problems == [
        "the reference fails the visible test try_add: 2 + 2: got 4, expected 5"
    ]


def test_a_made_up_class_is_graded_with_tries(tries_course: Course) -> None:
    simulate(tries_course, "tiny", 2, 3)
    results = graded(tries_course)
    assert next(one.outcome for one in results.values()) is Outcome.NEEDS_MANUAL_GRADE
    assert all(len(one.tries) == 3 for one in results.values())


def test_a_notebook_from_before_tries_is_told_of_nothing_it_lacks(
    tries_course: Course, tiny: NotebookBundle
) -> None:
    folder = tries_course.submitted / "old" / "tiny"
    folder.mkdir(parents=True)
    (folder / "01_tiny.ipynb").write_bytes(as_bytes(as_handed_in(tiny)))
    (folder / "timestamp.txt").write_text("2026-02-01 10:00:00 UTC")
    (result,) = graded(tries_course).values()
    assert result.points == 9.0
    assert result.notes == ("count: no such cell in the notebook",)
    write_feedback(tries_course, "tiny")
    assert "ok   1 + 2" in page_of(tries_course, "old")
