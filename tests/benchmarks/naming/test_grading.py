from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course.layout import Course
from autograder.release.release import release
from benchmarks.naming.__main__ import main
from benchmarks.naming.answers import Answer
from benchmarks.naming.grading import NO_EXERCISE, NOT_PYTHON, exercises, graded
from tests.courses.adding import write_course
from tests.courses.build import forget_solutions

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

SUBTRACTS = "def add(a, b):\n    return a - b\n"
ANSWERS = [
    Answer("named", "add", SUBTRACTS, ("subtracts",)),
    Answer("unnamed", "add", "def add(a, b):\n    return a * b + 1\n"),
    Answer("right", "add", "def add(a, b):\n    return sum([a, b])\n"),
    Answer("raises", "add", "raise ValueError('at once')"),
    Answer("elsewhere", "sub", SUBTRACTS),
    Answer("broken", "add", "def add(a, b:\n"),
    Answer("magic", "add", "%time 3\ndef add(a, b):\n    return a + b\n"),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = write_course(tmp_path_factory.mktemp("course"))
    release(course, "sums")
    return course


@pytest.fixture(autouse=True)
def own_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are forked from this process, which may have loaded another course's modules."""
    forget_solutions(monkeypatch)


def test_each_exercise_has_its_notebook(course: Course) -> None:
    assert {name: bundle.name for name, bundle in exercises(course).items()} == {"add": "01_adding"}


def test_each_answer_gets_its_own_verdict(course: Course) -> None:
    told: list[tuple[int, int]] = []
    found = {
        verdict.id: verdict
        for verdict in graded(course, ANSWERS, workers=1, on_progress=lambda *at: told.append(at))
    }
    assert {id_: verdict.is_wrong for id_, verdict in found.items()} == {
        "named": True,
        "unnamed": True,
        "right": False,
        "raises": True,
        "elsewhere": False,
        "broken": False,
        "magic": False,
    }
    assert found["named"].diagnosis == "add.subtracts"
    assert found["named"].evidence == "whole"
    assert found["unnamed"].diagnosis is None
    assert found["elsewhere"].outcome == NO_EXERCISE
    assert found["broken"].outcome == NOT_PYTHON
    assert (found["magic"].points, found["magic"].max_points) == (2.0, 2.0)
    assert told[-1] == (5, 5)


def test_the_command_prints_the_measure_and_writes_json(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "answers.jsonl", tmp_path / "out.jsonl"
    file.write_text(
        "".join(
            json.dumps(
                {"id": item.id, "exercise": item.exercise, "code": item.code, "truth": item.truth}
            )
            + "\n"
            for item in ANSWERS[:3]
        )
    )
    assert main([str(file), "--course", str(course.root), "--workers=1", "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "1 answers get full points" in printed
    assert "100.0% (21% - 100%)" in printed  # the precision
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["named", "right", "unnamed"]
    assert set(lines[0]) == {
        "id", "exercise", "outcome", "points", "max_points", "diagnosis", "evidence", "also",
        "message",
    }  # fmt: skip
    file.write_text("{")
    assert main([str(file), "--course", str(course.root)]) == 2
    assert "line 1" in capsys.readouterr().err
