"""Registration changes the cells of a gradebook with submissions.

The class comes from ``tests/fixtures/before_rooms``: Ada, Bob and Cleo with manual points, extra
credit, comments and a late penalty. nbgrader's own ``Gradebook`` checks the totals.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Grade, Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import SaveCells
from rich.console import Console
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.course.source import load_assignment, load_bundle
from autograder.errors import SourceError
from autograder.nbgrader_api.database import database_url, read_only
from autograder.records.gradebook import open_gradebook, record
from autograder.registration import backups, registration
from autograder.registration.cells import cells_of, recorded_cells
from autograder.registration.differences import Difference, Effect, Entered
from autograder.registration.registration import Registration, planned_registration
from autograder.registration.rows import Rows
from autograder.release.instructor import trusted_notebook
from autograder.release.release import planned_release, register_cells, release
from autograder.release.solutions import worked_notebook
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs.class_run import ClassRun
from tests.courses.small_class import gradebook_of
from tests.courses.tiny import TINY, write_course
from tests.nbgrader.commands import environment, finish, run

ROOT = Path(__file__).resolve().parents[3]
FROZEN = ROOT / "tests" / "fixtures" / "before_rooms" / "course"
TOTALS = {"ada": 10.5, "bob": 1.5, "cleo": 7.5}

SHIFT = """\
# %% exercise="shift" nbgrader={"grade": false, "grade_id": "shift", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift(x):
    ### BEGIN SOLUTION
    return x + 1
    ### END SOLUTION


# %% exercise="shift" nbgrader={"grade": true, "grade_id": "test_shift", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
assert shift(1) == 2
3.0
### END HIDDEN TESTS

"""
TASK = """
# %% [markdown] nbgrader={"grade": false, "grade_id": "draw", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": true}
# Draw it.

# %% [markdown] nbgrader={"grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Work alone, in *ink*.

# %% nbgrader={"grade": true, "grade_id": "program", "locked": false, "points": 1.5, "schema_version": 3, "solution": true, "task": false}
first = 1
### BEGIN SOLUTION
second = 2
### END SOLUTION
third = 3
"""
WHY = '"grade_id": "why", "locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false'
SCALE_BEGINS = '# %% exercise="scale" nbgrader={"grade": false'
SCALE_ENDS = '# %% [markdown] nbgrader={"grade": true, "grade_id": "why"'


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of a graded class of the version before the rooms."""
    shutil.copytree(FROZEN, tmp_path / "course")
    return Course.find(tmp_path / "course")


def source_of(course: Course) -> Path:
    return course.source / "tiny" / "01_tiny.py"


def edit(course: Course, *changes: tuple[str, str]) -> None:
    path = source_of(course)
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)


def without_scale(course: Course) -> None:
    text = source_of(course).read_text()
    start, end = text.index(SCALE_BEGINS), text.index(SCALE_ENDS)
    source_of(course).write_text(text[:start] + text[end:])


def totals(course: Course) -> dict[str, float]:
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        found = gradebook.find_assignment("tiny").submissions
        return {one.student.id: one.score for one in found}


def grade(course: Course, cell: str, student: str, notebook: str = "01_tiny") -> Any:
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        found = gradebook.find_grade(cell, notebook, "tiny", student)
        return found.to_dict()


def comment(course: Course, cell: str, student: str) -> str | None:
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        text: str | None = gradebook.find_comment(cell, "01_tiny", "tiny", student).manual_comment
        return text


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def autograder(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """``autograder("release", "tiny")`` in this process: the output of the command line."""
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(consoles, "console", Console(width=160))

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        assert not caught.value.code
        return capsys.readouterr().out

    return run


def differences(found: Registration) -> dict[str, Difference]:
    return {one.cell: one for one in found.differences}


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def mirrored(course: Course) -> None:
    """Each submission has exactly the rows that nbgrader's ``add_submission`` would make."""
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        assignment = gradebook.find_assignment("tiny")
        expected = {
            notebook.name: (
                sorted(one.id for one in (*notebook.grade_cells, *notebook.task_cells)),
                sorted(one.id for one in (*notebook.solution_cells, *notebook.task_cells)),
            )
            for notebook in assignment.notebooks
        }
        assert len(assignment.submissions) == 3
        for submission in assignment.submissions:
            found = {
                notebook.name: (
                    sorted(one.cell_id for one in notebook.grades),
                    sorted(one.cell_id for one in notebook.comments),
                )
                for notebook in submission.notebooks
            }
            assert found == expected, submission.student.id
    with closing(sqlite3.connect(course.gradebook)) as connection:
        for table in ("grade", "comment"):
            stray = f"SELECT count(*) FROM {table} WHERE cell_id NOT IN (SELECT id FROM base_cell)"
            assert connection.execute(stray).fetchone() == (0,)


# ------------------------------------------------------------------ the rows that nbgrader makes


def tables(path: Path) -> dict[str, list[Any]]:
    """All rows of a gradebook, with names in place of its random keys."""
    with closing(sqlite3.connect(path)) as connection:
        names: dict[str, str] = {}
        found: dict[str, list[Any]] = {}
        of = ("assignment", "notebook", "base_cell", "source_cell")
        for table in of:
            kind = "type" if table == "base_cell" else "''"
            for key, name, more in connection.execute(f"SELECT id, name, {kind} FROM {table}"):
                names[key] = f"{table} {name} {more}"
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in connection.execute(query).fetchall():
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            found[table] = sorted(
                (tuple(names.get(value, value) for value in row) for row in rows), key=repr
            )
        return found


def test_a_fresh_gradebook_has_the_rows_of_nbgraders_own_release(tmp_path: Path) -> None:
    course = write_course(tmp_path / "course")
    (course.source / "tiny" / "01_tiny.py").write_text(TINY + TASK)
    (course.source / "tiny" / "02_more.py").write_text(TINY.replace("# # Tiny", "# # More"))
    register_cells(course, "tiny")
    ours = tables(course.gradebook)
    course.gradebook.unlink()
    for path in course.notebook_sources("tiny"):
        from autograder.release.instructor import instructor_notebook

        text = json.dumps(instructor_notebook(course, load_bundle(path)))
        path.with_suffix(".ipynb").write_text(text)
    run(course, "nbgrader", "generate_assignment", "tiny")
    theirs = tables(course.gradebook)
    assert len(ours["base_cell"]) == 2 * 6 + 3
    # nbgrader's step SaveCells opens the gradebook without the course's name
    assert {("default_course",), *ours.pop("course")} == {*theirs.pop("course")}
    assert ours == theirs


@pytest.mark.parametrize("assignment", ["conv", "places"])
def test_the_cells_of_this_course_are_those_that_nbgrader_saves(
    assignment: str, tmp_path: Path
) -> None:
    course = Course.find(ROOT)
    path = tmp_path / "gradebook.db"
    bundles = load_assignment(course, assignment)
    url = database_url(path)
    with Gradebook(url, "cnn") as gradebook:
        gradebook.add_assignment(assignment)
    for bundle in bundles:
        facts = {"notebook": bundle.name, "assignment": assignment, "db_url": url}
        SaveCells().preprocess(trusted_notebook(course, bundle), {"nbgrader": facts})
    with read_only(path) as db:
        assert recorded_cells(db, assignment) == {one.name: cells_of(one) for one in bundles}


def test_a_locked_cell_of_raw_text_is_a_mistake_of_the_course(course: Course) -> None:
    cell = '# %% [raw] nbgrader={"grade": false, "grade_id": "raw", "locked": true, "schema_version": 3, "solution": false, "task": false}\n# x\n'
    source_of(course).write_text(source_of(course).read_text() + "\n" + cell)
    with pytest.raises(
        SourceError, match=r"source/tiny/01_tiny\.py, cell raw: it is a cell of raw"
    ):
        register_cells(course, "tiny")


# ------------------------------------------------------------------------------------- changes


def test_an_assignment_that_is_registered_is_read_only_and_nothing_is_released(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object) -> None:
        raise AssertionError("nothing is to be done")

    monkeypatch.setattr(GenerateAssignment, "start", never)
    monkeypatch.setattr(Rows, "bring_in_line", never)
    before = digests(course.root)
    assert register_cells(course, "tiny") == Registration("tiny")
    assert digests(course.root) == before


def test_cells_in_another_order_are_the_same_cells(course: Course) -> None:
    text = source_of(course).read_text()
    start, end = text.index(SCALE_BEGINS), text.index(SCALE_ENDS)
    add = text.index('# %% exercise="add"')
    source_of(course).write_text(text[:add] + text[start:end] + text[add:start] + text[end:])
    before = digests(course.state), course.gradebook.read_bytes()
    assert register_cells(course, "tiny").differences == ()
    assert (digests(course.state), course.gradebook.read_bytes()) == before


def test_a_new_text_of_a_test_is_written_and_needs_no_backup(course: Course) -> None:
    edit(course, ('"small numbers": dict(size=9)', '"small numbers": dict(size=8)'))
    done = register_cells(course, "tiny")
    assert done.differences == (Difference(Effect.TEXT, "01_tiny", "test_add", 2.0, 2.0),)
    assert done.backup is None and not done.reaches_submissions
    with Gradebook(database_url(course.gradebook)) as gradebook:
        text = gradebook.find_source_cell("test_add", "01_tiny", "tiny").source
    assert "dict(size=8)" in text
    assert totals(course) == TOTALS


def test_a_dropped_exercise_goes_with_its_points_and_says_what_is_lost(course: Course) -> None:
    without_scale(course)
    found = planned_registration(course, load_assignment(course, "tiny"))
    done = register_cells(course, "tiny")
    assert done.differences == found.differences
    assert differences(done) == {
        "test_scale": Difference(
            Effect.REMOVED, "01_tiny", "test_scale", 7.0, None,
            (Entered("ada", None, 0.5), Entered("cleo", 5.5)),
        ),
        "scale": Difference(
            Effect.REMOVED, "01_tiny", "scale", None, None,
            (
                Entered("ada", comment="Short and clear."),
                Entered("cleo", comment="Only one row is wrong."),
            ),
        ),
    }  # fmt: skip
    assert len(done.lost) == 4
    assert totals(course) == {"ada": 3.0, "bob": 1.5, "cleo": 2.0}
    assert comment(course, "why", "ada") == "Well argued."
    with Gradebook(database_url(course.gradebook)) as gradebook:
        assert gradebook.find_assignment("tiny").max_score == 3.0
        with pytest.raises(MissingEntry):
            gradebook.find_grade("test_scale", "01_tiny", "tiny", "ada")
    mirrored(course)


def test_a_new_exercise_waits_to_be_graded_in_each_submission(course: Course) -> None:
    edit(course, (SCALE_ENDS, SHIFT + SCALE_ENDS))
    before = gradebook_of(course)
    done = register_cells(course, "tiny")
    assert {name: one.effect for name, one in differences(done).items()} == {
        "shift": Effect.ADDED,
        "test_shift": Effect.ADDED,
    }
    assert differences(done)["test_shift"].after == 3.0
    assert totals(course) == TOTALS
    new = grade(course, "test_shift", "bob")
    assert (new["auto_score"], new["max_score"], new["needs_manual_grade"]) == (None, 3.0, True)
    after = gradebook_of(course)
    for table in ("grade", "comment"):
        assert [row for row in after[table] if "shift" not in row[2]] == before[table]
    mirrored(course)


def test_other_points_keep_what_people_entered_and_tell_where_it_is_more(course: Course) -> None:
    edit(
        course,
        ('"grade_id": "test_scale", "locked": true, "points": 7', '"grade_id": "test_scale", "locked": true, "points": 5'),
        ("    points=7,\n", "    points=5,\n"),
        (WHY, WHY.replace('"points": 1', '"points": 2')),
    )  # fmt: skip
    done = register_cells(course, "tiny")
    found = differences(done)
    assert (found["test_scale"].before, found["test_scale"].after) == (7.0, 5.0)
    assert found["test_scale"].over == (Entered("cleo", 5.5),)
    assert found["why"].kept == (Entered("ada", 1.0),) and found["why"].over == ()
    assert done.lost == ()
    assert totals(course) == TOTALS
    one = grade(course, "test_scale", "ada")
    assert (one["extra_credit"], one["max_score"], one["needs_manual_grade"]) == (0.5, 5.0, False)
    for cell, student, points in (("test_scale", "cleo", 5.5), ("why", "ada", 1.0)):
        one = grade(course, cell, student)
        assert (one["manual_score"], one["needs_manual_grade"]) == (points, True)
    assert not grade(course, "test_add", "bob")["needs_manual_grade"]
    assert comment(course, "scale", "cleo") == "Only one row is wrong."
    mirrored(course)


def test_a_renamed_cell_is_one_removed_and_one_added(course: Course) -> None:
    edit(course, ('"grade_id": "why"', '"grade_id": "reason"'))
    found = differences(register_cells(course, "tiny"))
    assert found["why"].effect is Effect.REMOVED
    assert found["why"].lost == (
        Entered("ada", 1.0, None, "Well argued."),
        Entered("cleo", None, 0.25),
    )
    assert found["reason"] == Difference(Effect.ADDED, "01_tiny", "reason", None, 1.0)
    assert totals(course) == TOTALS | {"ada": 9.5}
    mirrored(course)


def test_a_dry_run_in_a_folder_with_an_odd_name_reads_the_gradebook(tmp_path: Path) -> None:
    course = Course.find(shutil.copytree(FROZEN, tmp_path / "100 %20 ?#"))
    assert planned_registration(course, load_assignment(course, "tiny")).submissions == 3
    without_scale(course)
    assert len(planned_registration(course, load_assignment(course, "tiny")).lost) == 4
    assert register_cells(course, "tiny").backup is not None
    assert totals(course) == {"ada": 3.0, "bob": 1.5, "cleo": 2.0}


def test_a_dry_run_cannot_write(course: Course) -> None:
    with read_only(course.gradebook) as db, pytest.raises(OperationalError, match="readonly"):
        db.execute(delete(Grade))
    assert totals(course) == TOTALS


def test_two_names_can_be_swapped(course: Course) -> None:
    edit(course, ('"grade_id": "test_add"', '"grade_id": "other"'))
    edit(course, ('"grade_id": "test_scale"', '"grade_id": "test_add"'))
    edit(course, ('"grade_id": "other"', '"grade_id": "test_scale"'))
    found = differences(register_cells(course, "tiny"))
    assert {one.effect for one in found.values()} == {Effect.POINTS}
    assert (found["test_add"].after, found["test_scale"].after) == (7.0, 2.0)
    assert grade(course, "test_scale", "cleo")["manual_score"] == 5.5
    mirrored(course)


def test_a_question_that_becomes_a_task_keeps_points_and_comments(course: Course) -> None:
    task = WHY.replace('"locked": false', '"locked": true').replace(
        '"solution": true, "task": false', '"solution": false, "task": true'
    )
    edit(
        course,
        ('{"grade": true, ' + WHY, '{"grade": false, ' + task),
        ("# ### BEGIN SOLUTION\n# Because.\n# ### END SOLUTION", "# Say why."),
    )
    done = register_cells(course, "tiny")
    (why,) = done.differences
    assert (why.effect, why.before, why.after, why.lost) == (Effect.GRADING, 1.0, 1.0, ())
    assert why.kept == (Entered("ada", 1.0),)
    assert totals(course) == TOTALS
    one = grade(course, "why", "ada")
    assert (one["manual_score"], one["max_score"], one["needs_manual_grade"]) == (1.0, 1.0, True)
    assert comment(course, "why", "ada") == "Well argued."
    with Gradebook(database_url(course.gradebook)) as gradebook:
        assert [one.name for one in gradebook.find_notebook("01_tiny", "tiny").task_cells] == [
            "why"
        ]
    mirrored(course)


def test_a_question_that_becomes_a_test_loses_its_comments_only(course: Course) -> None:
    text = source_of(course).read_text()
    test = '# %% exercise="why" nbgrader={"grade": true, "grade_id": "why", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}\n'
    source_of(course).write_text(text[: text.index(SCALE_ENDS)] + test + "1.0\n")
    done = register_cells(course, "tiny")
    (why,) = done.differences
    assert why.effect is Effect.GRADING
    assert why.lost == (Entered("ada", comment="Well argued."),)
    assert why.kept == (Entered("ada", 1.0),)
    assert grade(course, "why", "cleo")["extra_credit"] == 0.25
    assert totals(course) == TOTALS
    mirrored(course)


def test_a_renamed_notebook_is_one_removed_and_one_added_and_both_are_told(course: Course) -> None:
    source_of(course).rename(course.source / "tiny" / "01_small.py")
    done = register_cells(course, "tiny")
    small, tiny = done.differences
    assert small == Difference(Effect.ADDED, "01_small", after=10.0)
    assert (tiny.effect, tiny.notebook, tiny.cell, tiny.before) == (
        Effect.REMOVED,
        "01_tiny",
        "",
        10.0,
    )
    assert {(one.student, one.points) for one in tiny.lost if one.points is not None} == {
        ("ada", 1.0),
        ("bob", 1.5),
        ("cleo", 5.5),
    }
    assert totals(course) == dict.fromkeys(TOTALS, 0.0)
    with closing(sqlite3.connect(course.gradebook)) as connection:
        assert connection.execute("SELECT count(*) FROM autograder_origin").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM submitted_notebook").fetchone() == (3,)
    mirrored(course)


def test_a_second_notebook_reaches_each_submission(course: Course) -> None:
    second = source_of(course).with_name("02_more.py")
    second.write_text(TINY)
    done = register_cells(course, "tiny")
    assert done.differences == (Difference(Effect.ADDED, "02_more", after=10.0),)
    assert totals(course) == TOTALS
    assert grade(course, "why", "ada", "02_more")["auto_score"] is None
    mirrored(course)
    second.unlink()
    register_cells(course, "tiny")
    assert totals(course) == TOTALS
    mirrored(course)


def test_a_late_penalty_follows_the_points_that_are_left(course: Course) -> None:
    with Gradebook(database_url(course.gradebook)) as gradebook:
        assert gradebook.find_submission("tiny", "bob").late_submission_penalty == 1.5
    edit(course, ('"grade_id": "test_add"', '"grade_id": "test_sum"'))
    register_cells(course, "tiny")
    with Gradebook(database_url(course.gradebook)) as gradebook:
        bob = gradebook.find_submission("tiny", "bob")
        assert (bob.score, bob.late_submission_penalty) == (0.0, 0.0)


# --------------------------------------------------------------------- backups, and whole or not


def test_the_gradebook_is_backed_up_before_rows_of_submissions_change(course: Course) -> None:
    before = dump(course.gradebook)
    without_scale(course)
    done = register_cells(course, "tiny")
    assert done.backup is not None and done.backup.parent == course.root / ".autograder/backups"
    assert dump(done.backup) == before
    assert dump(course.gradebook) != before
    shutil.copy(done.backup, course.gradebook)
    assert totals(course) == TOTALS


def test_only_the_newest_backups_are_kept(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "KEPT", 2)
    made = [backups.back_up(course) for _ in range(4)]
    (made[0].parent / ".gradebook-1.db.partial-journal").touch()
    made.append(backups.back_up(course))
    assert sorted(path.name for path in made[0].parent.iterdir()) == [p.name for p in made[-2:]]


def test_no_grade_can_be_entered_between_the_backup_and_the_change(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def backed_up(course: Course) -> Path:
        with closing(sqlite3.connect(course.gradebook, timeout=0)) as other:
            try:
                other.execute("UPDATE grade SET manual_score = 1")
            except sqlite3.OperationalError as error:
                tried.append(str(error))
        return backups.back_up(course)

    monkeypatch.setattr(registration, "back_up", backed_up)
    without_scale(course)
    register_cells(course, "tiny")
    assert tried == ["database is locked"]


def test_a_failure_on_the_way_leaves_the_old_gradebook(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(course.gradebook)
    without_scale(course)

    def failing(*args: object) -> None:
        raise RuntimeError("on the way")

    monkeypatch.setattr(Rows, "_mirror_cells", failing)
    with pytest.raises(RuntimeError, match="on the way"):
        register_cells(course, "tiny")
    assert dump(course.gradebook) == before


KILLED = """
import os, signal, sys
from collections.abc import Callable
from pathlib import Path
from autograder.cli import app
from autograder.course.layout import Course
from autograder.registration.rows import Rows
from autograder.release.release import register_cells

whole = Rows.bring_in_line

def killed(self, *args):
    self._db.connection().exec_driver_sql("PRAGMA cache_size = 1")  # so changes reach the file
    whole(self, *args)
    os.kill(os.getpid(), signal.SIGKILL)

Rows.bring_in_line = killed
register_cells(Course.find(Path(sys.argv[1])), "tiny")
"""


def test_a_kill_between_backup_and_commit_leaves_the_old_gradebook(course: Course) -> None:
    before = dump(course.gradebook)
    without_scale(course)
    command = [sys.executable, "-c", KILLED, str(course.root)]
    done = subprocess.run(
        command, env=environment(course.root), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert course.gradebook.with_name("gradebook.db-journal").stat().st_size > 0
    (backup,) = (course.state / "backups").iterdir()
    found = planned_registration(course, load_assignment(course, "tiny"))
    assert len(found.differences) == 2
    assert dump(backup) == before
    assert dump(course.gradebook) == before
    assert totals(course) == TOTALS
    register_cells(course, "tiny")
    assert totals(course) == {"ada": 3.0, "bob": 1.5, "cleo": 2.0}


# -------------------------------------------------------- a lesson in short headers, in the term

LESSON = '''\
# %% [markdown]
# # Tiny
#
# @EXERCISES@

# %% setup
import torch

picture = torch.arange(6.0).reshape(2, 3)


def expect(what, got, expected):
    """Say got and expected when they differ."""
    same = got.equal(expected) if isinstance(got, torch.Tensor) else got == expected
    assert same, f"{what}: got {got}, expected {expected}"
    print("ok  ", what)


# %% figure "The picture"
print(picture.shape)

# %% [markdown]
# ## 1 Add and scale

# %% answer add minutes=5 level=easy
def add(a, b):
    """Return the sum of two whole numbers."""
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION


# %% try add
expect("1 + 2", add(1, 2), 3)

# %% check add points=2

# %% answer scale
def scale(x, k):
    """Return x (rows, columns) times k, in the dtype of x."""
    ### BEGIN SOLUTION
    return x * k
    ### END SOLUTION


# %% try scale
expect("twice a picture", scale(picture, 2), torch.tensor([[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]))

# %% check scale points=7

# %% [markdown] question why points=1
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''
CHECKS = {
    "add": """\
from autograder.checks import check


def make(draw, size):
    return draw.integer(1, size), draw.integer(1, size)


def test(add):
    return check(
        add,
        lambda a, b: a + b,
        make,
        groups={"small numbers": dict(size=9), "large numbers": dict(size=10**9)},
        extras=None,
    )
""",
    "scale": """\
from autograder.checks import check


def make(draw, rows, columns):
    return draw.tensor(rows, columns), draw.integer(2, 5)


def test(scale):
    return check(
        scale,
        lambda x, k: x * k,
        make,
        groups={
            "a square": dict(rows=3, columns=3),
            "one row": dict(rows=1, columns=4),
            "more rows than columns": dict(rows=5, columns=2),
        },
        forbid="convolution",
    )
""",
}


def write_in_short_headers(course: Course) -> None:
    """The same notebook as today's lessons are written: checks in modules, visible tests apart."""
    source_of(course).write_text(LESSON)
    older = source_of(course).parent / "misconceptions"
    for exercise, text in CHECKS.items():
        folder = source_of(course).parent / "exercises" / exercise
        folder.mkdir(parents=True)
        (folder / "check.py").write_text(text)
        bank = (older / f"{exercise}.toml").read_text()
        lines = [one for one in bank.splitlines() if not one.startswith(("notebook", "exercise"))]
        (folder / "misconceptions.toml").write_text("\n".join(lines))
    shutil.rmtree(older)
    source_of(course).with_suffix(".ipynb").unlink()


def by_hand(course: Course) -> list[list[tuple[Any, ...]]]:
    """All entries of people: points, extra credit and comments; and the late penalties."""
    queries = (
        "SELECT sa.student_id, b.name, g.manual_score, g.extra_credit "
        "FROM grade g JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook s "
        "ON s.id = g.notebook_id JOIN submitted_assignment sa ON sa.id = s.assignment_id "
        "WHERE b.name NOT LIKE 'try_%'",
        "SELECT sa.student_id, b.name, c.manual_comment FROM comment c JOIN base_cell b "
        "ON b.id = c.cell_id JOIN submitted_notebook s ON s.id = c.notebook_id "
        "JOIN submitted_assignment sa ON sa.id = s.assignment_id",
    )
    with closing(sqlite3.connect(course.gradebook)) as connection:
        found = [sorted(connection.execute(query), key=repr) for query in queries]
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        submissions = gradebook.find_assignment("tiny").submissions
        penalties = [(one.student.id, one.late_submission_penalty) for one in submissions]
    return [*found, sorted(penalties)]


def test_a_lesson_in_short_headers_adds_its_visible_tests_and_keeps_all_entries(
    course: Course,
) -> None:
    before = by_hand(course)
    write_in_short_headers(course)
    done = register_cells(course, "tiny")
    found = {one.cell: one for one in done.differences}
    added = [one for one in done.differences if one.effect is Effect.ADDED]
    assert [(one.cell, one.before, one.after) for one in added] == [
        ("try_add", None, 0.0), ("try_scale", None, 0.0),
    ]  # fmt: skip
    assert {one.effect for one in done.differences} == {Effect.ADDED, Effect.TEXT}
    assert (found["test_add"].after, found["test_scale"].after) == (2.0, 7.0)
    assert done.lost == () and done.backup is not None
    assert by_hand(course) == before and totals(course) == TOTALS
    for student in TOTALS:
        tried = grade(course, "try_add", student)
        assert (tried["max_score"], tried["manual_score"]) == (0.0, None)
    mirrored(course)


@pytest.mark.slow
def test_a_re_release_in_short_headers_keeps_the_term_by_every_road(course: Course) -> None:
    before = by_hand(course)
    write_in_short_headers(course)
    (course.solutions / "tiny" / "01_tiny.ipynb").unlink()
    code, said = finish(course, "nbgrader", "generate_assignment", "tiny", "--force")
    assert code == 1 and "`autograder release tiny`" in said
    said = run(course, "autograder", "release", "tiny")
    assert "try_add" in said and "lost" not in said
    released = digests(course.assignments)
    assert list(released) == ["tiny/01_tiny.ipynb"]
    assert by_hand(course) == before and totals(course) == TOTALS
    run(course, "nbgrader", "generate_assignment", "tiny", "--force")
    assert digests(course.assignments) == released
    assert by_hand(course) == before and totals(course) == TOTALS
    run(course, "autograder", "grade", "tiny")
    assert by_hand(course) == before and totals(course) == TOTALS
    mirrored(course)


# ------------------------------------------------------------------------------------- commands


def test_a_dry_run_writes_nothing_and_says_who_loses_what_as_documented(
    course: Course, autograder: Callable[..., str]
) -> None:
    without_scale(course)
    edit(course, (WHY, WHY.replace('"points": 1', '"points": 0.5')))
    (course.source / "tiny/misconceptions/scale.toml").unlink()
    before = digests(course.root)
    said = autograder("release", "tiny", "--dry-run")
    assert digests(course.root) == before
    page = (ROOT / "docs" / "running_term.md").read_text()
    assert f"```text\n{said}```" in page, said


@pytest.mark.parametrize("name", ["course", "100 %20 ?#"])
def test_a_dry_run_of_a_fresh_course_makes_no_gradebook(tmp_path: Path, name: str) -> None:
    course = write_course(tmp_path / name)
    before = digests(course.root)
    report = planned_release(course, "tiny")
    assert report.registration.differences == (Difference(Effect.ADDED, "01_tiny", after=10.0),)
    assert report.executed == ("01_tiny",)
    assert digests(course.root) == before
    assert not course.gradebook.exists()


def test_a_release_in_a_running_term_says_what_it_changed(
    course: Course, autograder: Callable[..., str]
) -> None:
    edit(course, (WHY, WHY.replace('"points": 1', '"points": 0.5')))
    said = autograder("release", "tiny")
    (backup,) = (course.state / "backups").iterdir()
    for line in (
        "  gradebook: cells of tiny changed, with 3 submissions recorded:",
        "    01_tiny: why: 1 point before, 0.5 points now",
        f"  gradebook: .autograder/backups/{backup.name} is a copy from before the change",
        "  next: `autograder grade tiny` brings the points up to date",
    ):
        assert line in said.splitlines(), said
    assert "gradebook: no change" in autograder("release", "tiny", "--dry-run")


def test_nbgraders_own_release_accepts_what_was_registered(course: Course) -> None:
    without_scale(course)
    (course.source / "tiny/misconceptions/scale.toml").unlink()
    edit(course, (SCALE_ENDS, SHIFT + SCALE_ENDS))
    (bundle,) = load_assignment(course, "tiny")
    nbformat.write(worked_notebook(course, bundle), course.solutions / "tiny/01_tiny.ipynb")
    release(course, "tiny")
    before = tables(course.gradebook)
    assert [row for row in before["grade_cells"] if "scale" in str(row)] == []
    said = run(course, "nbgrader", "generate_assignment", "tiny", "--force")
    assert "Cannot" not in said
    after = tables(course.gradebook)
    assert {*after.pop("course")} - {*before.pop("course")} <= {("default_course",)}
    assert after == before
    assert totals(course) == {"ada": 3.0, "bob": 1.5, "cleo": 2.0}


def test_nbgraders_own_step_still_refuses_which_is_why_this_exists(course: Course) -> None:
    without_scale(course)
    from autograder.nbgrader_api.converters import ConversionError, convert, course_directory
    from autograder.release.instructor import instructor_notebook

    (bundle,) = load_assignment(course, "tiny")
    text = json.dumps(instructor_notebook(course, bundle))
    source_of(course).with_suffix(".ipynb").write_text(text)

    class Stock(GenerateAssignment):
        init_notebooks = BaseConverter.init_notebooks

    with pytest.raises(ConversionError, match="Cannot add or remove cells"):
        convert(Stock, course_directory(course, assignment_id="tiny"))


def test_nbgraders_release_in_a_running_term_leaves_all_as_it_is_and_names_the_command(
    course: Course,
) -> None:
    without_scale(course)
    before = digests(course.assignments), dump(course.gradebook)
    code, said = finish(course, "nbgrader", "generate_assignment", "tiny", "--force")
    assert code == 1
    assert "tiny has submissions, and its cells changed. `autograder release tiny`" in said
    assert (digests(course.assignments), dump(course.gradebook)) == before


def test_the_pages_of_formgrader_read_what_was_registered(course: Course) -> None:
    without_scale(course)
    edit(course, (SCALE_ENDS, SHIFT + SCALE_ENDS))
    register_cells(course, "tiny")
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        rows = {one["student"]: one for one in gradebook.submission_dicts("tiny")}
        assert {name: one["score"] for name, one in rows.items()} == {
            "ada": 3.0, "bob": 1.5, "cleo": 2.0,
        }  # fmt: skip
        assert {one["max_score"] for one in rows.values()} == {6.0}
        assert all(one["needs_manual_grade"] for one in rows.values())
        notebooks = gradebook.notebook_submission_dicts("01_tiny", "tiny")
        assert {one["max_score"] for one in notebooks} == {6.0}


def test_recording_registers_first_and_tells(course: Course) -> None:
    edit(course, (SCALE_ENDS, SHIFT + SCALE_ENDS))
    told: list[Registration] = []
    tests = (
        TestResult("test_add", "add", 2.0, 2.0, Outcome.PASSED),
        TestResult("test_scale", "scale", 7.0, 7.0, Outcome.PASSED),
        TestResult("test_shift", "shift", 3.0, 3.0, Outcome.PASSED),
        TestResult("why", "why", 0.0, 1.0, Outcome.NEEDS_MANUAL_GRADE),
    )
    bundles = load_assignment(course, "tiny")
    for _ in range(2):
        result = NotebookResult("ada", "tiny", "01_tiny", tests)
        record(course, bundles, [result], told.append)
    (done,) = told
    assert done.backup is not None
    assert grade(course, "test_shift", "ada")["auto_score"] == 3.0
    assert totals(course) == TOTALS | {"ada": 13.5}


def test_recording_some_notebooks_removes_no_other(course: Course) -> None:
    second = source_of(course).with_name("02_more.py")
    second.write_text(TINY)
    record(course, load_assignment(course, "tiny")[:1], [])
    with open_gradebook(course) as gradebook:
        names = [one.name for one in gradebook.find_assignment("tiny").notebooks]
    assert names == ["01_tiny", "02_more"]


@pytest.mark.slow
def test_grading_after_an_exercise_came_and_one_went_keeps_the_rest(course: Course) -> None:
    without_scale(course)
    (course.source / "tiny/misconceptions/scale.toml").unlink()
    edit(course, (SCALE_ENDS, SHIFT + SCALE_ENDS))
    told: list[Registration] = []
    results = ClassRun(course, "tiny", workers=1).grade(on_registered=told.append)
    assert len(told) == 1
    assert {one.grade_id for result in results for one in result.tests} == {
        "test_add", "test_shift", "why",
    }  # fmt: skip
    assert totals(course) == {"ada": 3.0, "bob": 1.5, "cleo": 2.0}
    assert grade(course, "test_shift", "ada")["auto_score"] == 0.0
    assert comment(course, "why", "ada") == "Well argued."
    assert grade(course, "why", "ada")["manual_score"] == 1.0
