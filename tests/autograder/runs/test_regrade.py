"""One exercise graded again: only its points change, and nothing before the difference was seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import nbformat
import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.errors import UsageError
from autograder.records.gradebook import open_gradebook
from autograder.results import NotebookResult, Outcome, TestResult
from autograder.runs.class_run import ClassRun
from autograder.runs.record import Recorder
from autograder.runs.regrade import NEW_FILES, NOT_GRADED, NOT_STORED, OTHER_POINTS, Regrade, Report
from autograder.workers.cache import ResultStore
from autograder.workers.worker import Graded
from tests.courses import pair
from tests.courses.handed_in import as_bytes, as_handed_in, hand_in
from tests.courses.small_class import gradebook_of
from tests.courses.verdict_pool import VerdictPool, verdict

Points = dict[str, float | None]


@pytest.fixture
def graded(released: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A class graded with a check of ``scale`` that was wrong for ada and bob."""
    monkeypatch.setattr("autograder.runs.grading.Pool", VerdictPool)
    monkeypatch.setattr(VerdictPool, "graded", [], raising=False)
    table = {
        "ada": {"scale": verdict("scale", 0, "scale.adds")},
        "bob": {"scale": verdict("scale", 3.5, "scale.last_row_forgotten", also=("scale.adds",))},
        "dan": {"add": verdict("add", 0, "add.subtracts")},
    }
    monkeypatch.setattr(VerdictPool, "table", table, raising=False)
    for student in ("ada", "bob", "cleo", "dan"):
        hand_in(released, student)
    ClassRun(released, "tiny").grade()
    VerdictPool.graded.clear()
    return released


def mend(course: Course, *exercises: str) -> None:
    """Change the checks of exercises, so that every notebook has to be graded again."""
    path = course.source / "tiny" / "01_tiny.py"
    for name in exercises:
        assert f'name="{name}",' in path.read_text()
        path.write_text(path.read_text().replace(f'name="{name}",', f'name="{name}",  # mended'))


def scale_is_right(*students: str) -> None:
    for student in students:
        VerdictPool.table[student] = {
            **VerdictPool.table.get(student, {}), "scale": verdict("scale", 7)
        }  # fmt: skip


def again(course: Course, *exercises: str, agree: bool = True, **fields: Any) -> Report:
    return Regrade(course, "tiny", exercises, **fields).run(lambda report: agree)


def points_of(course: Course, student: str) -> Points:
    rows = gradebook_of(course)["grade"]
    return {row[2]: row[3] for row in rows if row[0] == student}


def stored(course: Course) -> dict[str, NotebookResult]:
    return {one.result.student: one.result for one in ResultStore(course).all("tiny")}


def told(report: Report) -> list[tuple[object, ...]]:
    return [
        (
            one.student,
            one.exercise,
            one.before,
            one.after,
            one.diagnosis_before,
            one.diagnosis_after,
        )
        for one in report.differences
    ]


def files_of(course: Course) -> dict[str, bytes]:
    """All files but the new results that wait, and the log."""
    return {
        str(path.relative_to(course.root)): path.read_bytes()
        for path in course.root.rglob("*")
        if path.is_file() and not {"graded_again", "log", "lock", "__pycache__"} & set(path.parts)
    }


ADA = ("ada", "scale", 0.0, 7.0, ("scale.adds",), ())
BOB = ("bob", "scale", 3.5, 7.0, ("scale.last_row_forgotten", "scale.adds"), ())


def test_the_difference_is_told_and_nothing_is_written_before_the_user_agrees(
    graded: Course,
) -> None:
    mend(graded, "scale")
    scale_is_right("ada", "bob")
    before = files_of(graded)
    report = again(graded, "scale", agree=False)
    assert told(report) == [ADA, BOB]
    assert [one.gain for one in report.differences] == [7.0, 3.5]
    assert (report.students, report.left, report.others) == (4, {}, {})
    assert files_of(graded) == before
    assert VerdictPool.graded == ["ada", "bob", "cleo", "dan"]
    report = again(graded, "scale")  # the new results were kept
    assert told(report) == [ADA, BOB]
    assert VerdictPool.graded == ["ada", "bob", "cleo", "dan"]
    assert points_of(graded, "bob") == {"test_add": 2.0, "test_scale": 7.0, "why": None}
    assert not list((graded.state / "graded_again").rglob("*.json"))


def test_other_exercises_keep_points_and_text_though_the_course_changed_there_too(
    graded: Course,
) -> None:
    mend(graded, "scale", "add")
    scale_is_right("ada", "bob")
    VerdictPool.table["ada"]["add"] = verdict("add", 0.5, message="another text")
    VerdictPool.table["cleo"] = {"add": verdict("add", 0)}
    old = stored(graded)
    report = again(graded, "scale")
    assert told(report) == [ADA, BOB]
    assert report.others == {"add": 2}
    assert points_of(graded, "ada") == {"test_add": 2.0, "test_scale": 7.0, "why": None}
    assert points_of(graded, "cleo") == {"test_add": 2.0, "test_scale": 7.0, "why": None}
    new = stored(graded)
    assert new["ada"].tests[0] == old["ada"].tests[0]
    assert new["ada"].tests[1] == verdict("scale", 7)
    assert new["cleo"] == old["cleo"]
    page = (graded.autograded / "ada" / "tiny" / "01_tiny.ipynb").read_text()
    assert "another text" not in page and "scale: 7 points" in page

    # a later run of `grade` sees that the other exercise is of an older course
    VerdictPool.graded.clear()
    changed: list[Any] = []
    ClassRun(graded, "tiny").grade(on_changes=changed.extend)
    assert sorted(VerdictPool.graded) == ["ada", "cleo"]  # the others are as a new run has them
    assert points_of(graded, "ada")["test_add"] == 0.5
    assert [(one.student, one.before, one.after) for one in changed] == [
        ("ada", 9.0, 7.5), ("cleo", 9.0, 7.0)
    ]  # fmt: skip


def test_after_it_grade_has_nothing_to_do_if_only_this_exercise_changed(graded: Course) -> None:
    mend(graded, "scale")
    scale_is_right("ada", "bob")
    again(graded, "scale")
    VerdictPool.graded.clear()
    results = ClassRun(graded, "tiny").grade()
    assert VerdictPool.graded == []
    assert {one.student: one.points for one in results} == {
        "ada": 9.0, "bob": 9.0, "cleo": 9.0, "dan": 7.0
    }  # fmt: skip


def test_a_diagnosis_chooses_those_who_share_the_mistake(graded: Course) -> None:
    mend(graded, "scale")
    scale_is_right("ada", "bob")
    report = again(graded, diagnoses=("scale.last_row_forgotten",))
    assert told(report) == [BOB]
    assert VerdictPool.graded == ["bob"]
    assert points_of(graded, "ada")["test_scale"] == 0.0
    report = again(graded, diagnoses=("scale.adds", "add.subtracts"))
    assert told(report) == [ADA]
    assert VerdictPool.graded == ["bob", "ada", "dan"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"exercises": ("scal",)}, "no exercise 'scal' with a check. Similar: scale"),
        ({"exercises": ("why",)}, "why is graded by a person"),
        ({"diagnoses": ("scale.add",)}, "'scale.add'. Similar: scale.adds"),
        ({"diagnoses": ("scale.relation_negative",)}, "no recorded diagnosis"),
    ],
)
def test_an_unknown_name_is_refused_with_similar_ones(
    graded: Course, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words.replace(".", r"\.")):
        Regrade(graded, "tiny", **fields).run(lambda report: True)


def test_an_id_of_a_general_kind_is_known_if_it_was_recorded(graded: Course) -> None:
    VerdictPool.table["eve"] = {"scale": verdict("scale", 0, "scale.relation_negative")}
    hand_in(graded, "eve")
    ClassRun(graded, "tiny").grade()
    mend(graded, "scale")
    VerdictPool.table["eve"] = {}
    report = again(graded, diagnoses=("scale.relation_negative",))
    assert told(report) == [("eve", "scale", 0.0, 7.0, ("scale.relation_negative",), ())]


def test_manual_points_and_comments_stay_and_wait_for_another_look_where_the_score_changed(
    graded: Course,
) -> None:
    with open_gradebook(graded) as gradebook:
        for student in ("ada", "cleo"):
            for cell, points in (("test_scale", 3.0), ("test_add", 1.5), ("why", 0.5)):
                grade = gradebook.find_grade(cell, "01_tiny", "tiny", student)
                grade.manual_score, grade.needs_manual_grade = points, False
                grade.extra_credit = 0.25
            gradebook.find_comment("why", "01_tiny", "tiny", student).manual_comment = "Short."
        gradebook.db.commit()
    mend(graded, "scale")
    scale_is_right("ada", "bob")
    report = again(graded, "scale")
    (ada,) = [one for one in report.differences if one.student == "ada"]
    assert (ada.by_hand, ada.gain, ada.before, ada.after) == (True, 0.0, 0.0, 7.0)
    with open_gradebook(graded) as gradebook:
        for student, waits in (("ada", {"test_scale"}), ("cleo", set())):
            notebook = gradebook.find_submission_notebook("01_tiny", "tiny", student)
            assert {one.name for one in notebook.grades if one.needs_manual_grade} == waits
            assert {one.name: (one.manual_score, one.extra_credit) for one in notebook.grades} == {
                "test_scale": (3.0, 0.25), "test_add": (1.5, 0.25), "why": (0.5, 0.25)
            }  # fmt: skip
            assert "Short." in [one.manual_comment for one in notebook.comments]


def test_manual_points_on_an_exercise_that_grade_changes_later_wait_for_another_look(
    graded: Course,
) -> None:
    with open_gradebook(graded) as gradebook:
        grade = gradebook.find_grade("test_add", "01_tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    mend(graded, "scale", "add")
    scale_is_right("ada", "bob")
    VerdictPool.table["ada"]["add"] = verdict("add", 0.5)
    again(graded, "scale")
    for waits in (False, True):
        with open_gradebook(graded) as gradebook:
            grade = gradebook.find_grade("test_add", "01_tiny", "tiny", "ada")
            assert (bool(grade.needs_manual_grade), grade.manual_score) == (waits, 1.5)
        ClassRun(graded, "tiny").grade()


def test_the_late_penalty_follows_the_new_points(graded: Course) -> None:
    config = graded.root / "nbgrader_config.py"
    (graded.root / "half.py").write_text(
        "from nbgrader.plugins import BasePlugin\n\n\n"
        "class Half(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n"
    )
    config.write_text(
        config.read_text() + 'c.AssignLatePenalties.plugin_class = "half.Half"\n'
        "import sys\nsys.path.insert(0, '" + str(graded.root) + "')\n"
    )
    course = Course.find(graded.root)
    with open_gradebook(course) as gradebook:
        assignment = gradebook.find_assignment("tiny")
        assignment.duedate = datetime(2026, 1, 31)
        gradebook.db.commit()
    mend(course, "scale")
    scale_is_right("ada", "bob")
    again(course, "scale")
    with open_gradebook(course) as gradebook:
        notebook = gradebook.find_submission_notebook("01_tiny", "tiny", "ada")
        assert (notebook.score, notebook.late_submission_penalty) == (9.0, 4.5)


def test_whose_recorded_results_do_not_fit_is_left_to_grade(graded: Course) -> None:
    mend(graded, "scale")
    scale_is_right("ada", "bob", "cleo", "dan", "eve")
    hand_in(graded, "eve")  # never graded
    hand_in(graded, "ada", {"add": "def add(a, b):\n    return b + a"})  # something new
    (graded.state / "results" / "tiny" / "bob" / "01_tiny.json").unlink()
    with open_gradebook(graded) as gradebook:
        gradebook.find_grade("test_add", "01_tiny", "tiny", "cleo").auto_score = 1.25
        gradebook.db.commit()
    before = gradebook_of(graded)
    report = again(graded, "scale")
    assert report.left == {
        "eve": NOT_GRADED, "bob": NOT_STORED, "cleo": OTHER_POINTS, "ada": NEW_FILES
    }  # fmt: skip
    assert (report.students, told(report)) == (1, [])
    assert VerdictPool.graded == ["dan"]
    assert gradebook_of(graded) == before


def test_a_notebook_that_is_missing_or_unreadable_needs_no_regrade(graded: Course) -> None:
    (graded.submitted / "ida" / "tiny").mkdir(parents=True)
    ClassRun(graded, "tiny").grade()
    mend(graded, "scale")
    report = again(graded, "scale")
    assert "ida" not in VerdictPool.graded
    assert report.left == {}


def test_if_the_grader_fails_the_old_verdict_stays(graded: Course) -> None:
    mend(graded, "scale")
    scale_is_right("bob")
    VerdictPool.table["ada"]["scale"] = verdict("scale", 0, outcome=Outcome.GRADER_ERROR)
    report = again(graded, "scale")
    assert (report.failed, told(report)) == (["ada"], [BOB])
    assert points_of(graded, "ada")["test_scale"] == 0.0
    assert stored(graded)["ada"].tests[1].diagnosis == "scale.adds"
    scale_is_right("ada")
    assert told(again(graded, "scale")) == [ADA]


def test_only_another_explanation_is_a_difference_without_points(graded: Course) -> None:
    mend(graded, "scale")
    VerdictPool.table["bob"]["scale"] = replace(
        VerdictPool.table["bob"]["scale"], message="a better text"
    )
    (one,) = again(graded, "scale").differences
    assert (one.student, one.texts_only, one.gain) == ("bob", True, 0.0)
    page = (graded.autograded / "bob" / "tiny" / "01_tiny.ipynb").read_text()
    assert "a better text" in page


class Stop(BaseException):
    """A kill."""


@pytest.mark.parametrize("place", ["before", "between", "after"])
@pytest.mark.parametrize("by", ["exercise", "diagnosis"])
def test_stopped_at_any_place_the_same_command_goes_on(
    graded: Course, monkeypatch: pytest.MonkeyPatch, place: str, by: str
) -> None:
    mend(graded, "scale")
    scale_is_right("ada", "bob")
    chosen: dict[str, Any] = (
        {"exercises": ("scale",)} if by == "exercise" else {"diagnoses": ("scale.adds",)}
    )
    whole, save = Recorder.record, ResultStore.save

    def record(self: Recorder, student: Any, bundles: Any) -> None:
        if student.name == "bob" and place == "before":
            raise Stop
        whole(self, student, bundles)

    def keep(self: ResultStore, result: NotebookResult, key: str) -> None:
        if self._folder.name == "results" and result.student == "bob" and place == "between":
            raise Stop
        save(self, result, key)
        if self._folder.name == "results" and result.student == "bob" and place == "after":
            raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "record", record)
        patch.setattr(ResultStore, "save", keep)
        with pytest.raises(Stop):
            Regrade(graded, "tiny", **chosen).run(lambda report: True)
    assert points_of(graded, "ada")["test_scale"] == 7.0
    assert points_of(graded, "bob")["test_scale"] == (3.5 if place == "before" else 7.0)
    graded_before = list(VerdictPool.graded)
    Regrade(graded, "tiny", **chosen).run(lambda report: True)
    assert VerdictPool.graded == graded_before
    assert points_of(graded, "bob")["test_scale"] == 7.0
    assert stored(graded)["bob"].tests[1].points == 7.0
    results = ClassRun(graded, "tiny").grade()
    notebook = nbformat.read(graded.autograded / "bob" / "tiny" / "01_tiny.ipynb", as_version=4)
    assert "scale: 7 points" in nbformat.writes(notebook)
    assert {one.student: one.points for one in results}["bob"] == 9.0


class PairPool(VerdictPool):
    """Verdicts for the course of two notebooks: ``points`` by exercise."""

    points: ClassVar[dict[str, float]] = {}

    def grade(self, tasks: object, on_tick: object = None) -> Iterator[object]:  # type: ignore[override]
        for task in tasks:  # type: ignore[attr-defined]
            self.graded.append(f"{task.student}/{task.notebook}")
            name = task.notebook[3:]
            points = self.points.get(name, 1.0)
            outcome = Outcome.PASSED if points else Outcome.FAILED
            tests = (TestResult(f"test_{name}", name, points, 1.0, outcome),)
            yield (
                task,
                Graded(NotebookResult(task.student, "two", task.notebook, tests, outcome=outcome)),
            )


def test_another_notebook_of_the_same_student_is_neither_run_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.runs.grading.Pool", PairPool)
    monkeypatch.setattr(PairPool, "graded", [], raising=False)
    monkeypatch.setattr(PairPool, "points", {"first": 0.0, "second": 0.0})
    course = pair.write_course(tmp_path)
    for bundle in load_assignment(course, "two"):
        for student in ("ada", "bob"):
            if (student, bundle.name) != ("bob", "02_second"):
                folder = course.submitted / student / "two"
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{bundle.name}.ipynb").write_bytes(as_bytes(as_handed_in(bundle)))
                (folder / "timestamp.txt").write_text("2026-02-01 10:00:00 UTC")
    ClassRun(course, "two").grade()
    PairPool.graded.clear()
    PairPool.points.clear()
    for path in course.notebook_sources("two"):
        path.write_text(path.read_text() + "\n# %%\nmended = 1\n")
    other = course.autograded / "ada" / "two" / "02_second.ipynb"
    before = other.stat().st_mtime_ns, other.read_bytes()
    times = hand_ins(course)
    report = Regrade(course, "two", ("first",)).run(lambda report: True)
    assert PairPool.graded == ["ada/01_first", "bob/01_first"]
    assert [(one.student, one.exercise, one.after) for one in report.differences] == [
        ("ada", "first", 1.0), ("bob", "first", 1.0)
    ]  # fmt: skip
    assert (report.left, report.others) == ({}, {})
    assert (other.stat().st_mtime_ns, other.read_bytes()) == before
    assert hand_ins(course) == times
    scores = {(row[0], row[2]): row[3] for row in gradebook_of(course)["grade"]}
    assert scores == {
        ("ada", "test_first"): 1.0, ("ada", "test_second"): 0.0,
        ("bob", "test_first"): 1.0, ("bob", "test_second"): 0.0,
    }  # fmt: skip


def hand_ins(course: Course) -> list[Any]:
    with closing(sqlite3.connect(course.gradebook)) as connection:
        return connection.execute("SELECT * FROM autograder_hand_in ORDER BY 1, 2, 3").fetchall()
