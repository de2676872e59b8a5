"""A course of the version before the rooms works with the code of today.

``tests/fixtures/before_rooms/README.md`` says what the course holds and how it was made.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.course.layout import Course
from autograder.nbgrader_api.database import database_url
from autograder.workers.cache import ResultStore
from tests.courses.small_class import gradebook_of
from tests.nbgrader.commands import environment, run

FROZEN = Path(__file__).resolve().parents[1] / "fixtures" / "before_rooms"
STUDENTS = ("ada", "bob", "cleo")
TOTALS = {"ada": 10.5, "bob": 1.5, "cleo": 7.5}  # before the late penalty
PENALTIES = {"ada": 0.0, "bob": 1.5, "cleo": 0.0}


def dotted_names(config: Path) -> list[str]:
    """The names in a configuration that are looked up in the engine."""
    return sorted(set(re.findall(r'"(autograder\.[\w.]+)"', config.read_text())))


def copy(to: Path) -> Course:
    shutil.copytree(FROZEN / "course", to)
    return Course.find(to)


def graded_json(path: Path) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(path.read_text())
    for one in results:
        assert isinstance(one.pop("seconds"), float)
        for test in one["tests"]:
            test.pop("evidence", None)  # a field of later versions
            test["message"] = test["message"].partition("\n")[0]  # later versions say more
    return results


def entered(course: Course) -> dict[str, Any]:
    """Every score, penalty, comment, name and time; the tables of our own are not compared."""
    return {name: rows for name, rows in gradebook_of(course).items() if name != "rows"}


def totals(course: Course) -> tuple[dict[str, float], dict[str, float]]:
    """Scores and late penalties of the class, as nbgrader computes them."""
    with Gradebook(database_url(course.gradebook), "tiny") as gradebook:
        found = gradebook.find_assignment("tiny").submissions
        scores = {one.student.id: one.score for one in found}
        return scores, {one.student.id: one.late_submission_penalty for one in found}


@pytest.fixture
def old(tmp_path: Path) -> Course:
    """A copy of the course, as the version before left it."""
    return copy(tmp_path / "course")


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = copy(tmp_path_factory.mktemp("graded") / "course")
    run(course, "autograder", "grade", "tiny", "--json", "new.json")
    return course


@pytest.fixture
def graded(graded_course: Course, tmp_path: Path) -> Course:
    """A copy of the course after `autograder grade` of today."""
    shutil.copytree(graded_course.root, tmp_path / "graded")
    return Course.find(tmp_path / "graded")


def test_the_frozen_files_are_as_they_were_made() -> None:
    lines = (FROZEN / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    found = {
        f"./{path.relative_to(FROZEN)}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FROZEN.rglob("*")
        if path.is_file() and path.name not in ("README.md", "SHA256SUMS")
    }
    assert found == listed
    assert sum(path.stat().st_size for path in FROZEN.rglob("*") if path.is_file()) < 500_000


@pytest.mark.parametrize("folder", ["course", "cnn"])
def test_every_name_in_an_old_configuration_can_be_imported(folder: str, tmp_path: Path) -> None:
    config = FROZEN / folder / "nbgrader_config.py"
    names = dotted_names(config)
    assert len(names) == 4
    imports = re.findall(r"^(?:import|from) autograder.*", config.read_text(), re.MULTILINE)
    assert len(imports) == 2
    program = [
        *imports,
        "from traitlets.utils.importstring import import_item",
        f"for name in {names}: assert isinstance(import_item(name), type), name",
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:autograder", "-c", "\n".join(program)],
        env=environment(tmp_path), capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_the_names_that_hidden_tests_import_are_there() -> None:
    names: dict[str, Any] = {}
    exec("from autograder.checks import check, probe, award", names)
    assert all(callable(names[name]) for name in ("check", "probe", "award"))


@pytest.mark.parametrize("folder", ["course", "cnn"])
def test_an_old_configuration_is_read_whole(folder: str, tmp_path: Path) -> None:
    shutil.copy(FROZEN / folder / "nbgrader_config.py", tmp_path)
    course = Course.find(tmp_path)
    limits = {"course": (20, 60, 700), "cnn": (60, 300, 4096)}[folder]
    given = course.settings
    assert (given.cell_s, given.submission_s, given.memory_mb) == limits
    config = course.config
    assert config.CourseDirectory.course_id in ("tiny", "cnn")
    assert config.ClearSolutions.code_stub["python"].startswith("# YOUR CODE HERE")


@pytest.mark.parametrize("student", STUDENTS)
def test_stored_results_are_read(old: Course, student: str) -> None:
    stored = json.loads((old.state / f"results/tiny/{student}/01_tiny.json").read_text())
    found = ResultStore(old).find("tiny", student, "01_tiny", stored["key"])
    result = found.result
    assert result is not None
    (told,) = [
        one for one in json.loads((old.root / "out.json").read_text()) if one["student"] == student
    ]
    told["tests"] = [{"evidence": None, **test} for test in told["tests"]]
    assert json.loads(json.dumps(result.public())) == told
    assert found.files == result.handed_in != ""


@pytest.mark.slow
def test_grading_again_gives_the_same_json(graded: Course) -> None:
    before, after = graded_json(graded.root / "out.json"), graded_json(graded.root / "new.json")
    assert after == before
    for one in after:
        assert list(one) == ["student", "assignment", "notebook", "points", "max_points", "outcome", "tests", "notes"]  # fmt: skip


@pytest.mark.slow
def test_grading_again_keeps_what_people_entered(graded: Course, old: Course) -> None:
    assert entered(graded) == entered(old)
    assert totals(graded) == (TOTALS, PENALTIES)


@pytest.mark.slow
def test_grading_again_with_another_secret_keeps_what_people_entered(old: Course) -> None:
    """Other cases make other results, so that none of the stored ones is used."""
    before = entered(old)
    secret = old.state / "secret"
    secret.write_text(secret.read_text()[::-1])
    said = run(old, "autograder", "grade", "tiny", "--student", "cleo")
    assert "cleo, tiny: 7.5 / 10 points" in said  # as TOTALS, with the points of a person
    assert entered(old) == before


@pytest.mark.slow
def test_nbgraders_autograde_is_ours_in_an_old_course(graded: Course) -> None:
    before = entered(graded)
    said = run(graded, "nbgrader", "autograde", "tiny")
    assert "sandbox: bubblewrap" in said
    assert entered(graded) == before


def test_a_table_of_grades_is_the_same(old: Course) -> None:
    run(old, "autograder", "export", "tiny")
    with (old.root / "grades.csv").open(newline="") as before:
        rows = list(csv.DictReader(before))
    with (old.root / "grades" / "tiny.csv").open(newline="", encoding="utf-8-sig") as after:
        now = list(csv.DictReader(after))
    columns = list(rows[0])
    assert list(now[0])[: len(columns)] == columns
    assert [{name: row[name] for name in columns} for row in now] == rows


def test_nbgraders_commands_know_the_old_gradebook(old: Course) -> None:
    assert "tiny" in run(old, "nbgrader", "db", "assignment", "list")
    run(old, "nbgrader", "export", "--to", "theirs.csv")
    with (old.root / "theirs.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["raw_score"]) for name, row in rows.items()} == TOTALS
    penalties = {name: float(row["late_submission_penalty"]) for name, row in rows.items()}
    assert penalties == PENALTIES


@pytest.mark.slow
@pytest.mark.parametrize("command", ["autograder feedback tiny", "nbgrader generate_feedback tiny"])
def test_pages_are_written_without_grading_again(old: Course, command: str) -> None:
    run(old, *command.split())
    pages = {name: old.feedback / name / "tiny" / "01_tiny.html" for name in STUDENTS}
    texts = {name: page.read_text() for name, page in pages.items()}
    assert "Well argued." in texts["ada"] and "Short and clear." in texts["ada"]
    assert "Only one row is wrong." in texts["cleo"]
    assert "The last row is left as it was." in texts["cleo"]
    assert "You take b away where it should be added." in texts["bob"]
    assert not any("BEGIN HIDDEN" in text for text in texts.values())
