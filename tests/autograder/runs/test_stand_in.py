"""The replacement of nbgrader's autograding: refused options, log messages, courses without it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Application, Config

from autograder.course.layout import Course
from autograder.nbgrader_plugin import StandIn
from tests.courses.tiny import write_course

Converter = Callable[..., Autograde]
Command = list[str]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = write_course(tmp_path)
    for student in ("ada", "bob", "[c]*"):
        (course.submitted / student / "tiny").mkdir(parents=True)
    return course


@pytest.fixture
def converter(course: Course, caplog: pytest.LogCaptureFixture) -> Converter:
    """nbgrader's converter as its commands make it, with options as on the command line."""

    def make(assignment: str = "tiny", **options: Any) -> Autograde:
        caplog.set_level("INFO")
        config: Config = course.config
        for name, value in options.items():
            section, _, trait = name.partition("__")
            config[section][trait] = value
        config.CourseDirectory.root = str(course.root)
        config.CourseDirectory.assignment_id = assignment
        return Autograde(coursedir=CourseDirectory(config=config), config=config)

    return make


class Ran:
    """Replaces ``subprocess.Popen`` and records the commands."""

    def __init__(self, code: int = 0, out: str = "", err: str = "") -> None:
        self.commands: list[Command] = []
        self.options: dict[str, Any] = {}
        self.signals: list[int] = []
        self.returncode, self._said = code, (out, err)

    def __call__(self, command: Command, **options: Any) -> Ran:
        self.commands.append(command[3:])
        self.options = options
        return self

    def __enter__(self) -> Ran:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def communicate(self) -> tuple[str, str]:
        return self._said

    def send_signal(self, number: int) -> None:
        self.signals.append(number)


def ran(monkeypatch: pytest.MonkeyPatch, *answer: Any) -> Ran:
    stand_in = Ran(*answer)
    monkeypatch.setattr(subprocess, "Popen", stand_in)
    return stand_in


def test_the_courses_own_configuration_names_the_stand_in() -> None:
    config = Course.find(Path(__file__)).config
    assert config.Autograde.exporter_class == "autograder.nbgrader_plugin.StandIn"


def test_a_class_is_graded_by_one_command_without_naming_anybody(
    course: Course, converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading = ran(monkeypatch)
    converter().start()
    assert grading.commands == [["grade", "tiny", "--course", str(course.root)]]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"CourseDirectory__student_id": "ada"}, ["ada"]),
        ({"CourseDirectory__student_id": "[ab]*"}, ["ada", "bob"]),
        ({"CourseDirectory__student_id": "[c]*"}, ["[c]*"]),
        ({"CourseDirectory__student_id_exclude": "ada,[c]*"}, ["bob"]),
    ],
)
def test_students_are_chosen_as_nbgrader_chooses_them(
    converter: Converter, monkeypatch: pytest.MonkeyPatch, options: Any, named: list[str]
) -> None:
    grading = ran(monkeypatch)
    converter(**options).start()
    assert [part for part in grading.commands[0] if part.startswith("--student")] == [
        f"--student={name}" for name in named
    ]


def test_force_is_passed_on(converter: Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    grading = ran(monkeypatch)
    converter(BaseConverter__force=True).start()
    assert "--force" in grading.commands[0]


def test_what_grading_said_is_logged_and_no_verdict_is_an_error(
    converter: Converter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ran(monkeypatch, 1, "no verdict for ada\n", "autograder: a reason\n")
    with pytest.raises(NbGraderException, match="some of tiny was not graded"):
        converter().start()
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("INFO", "no verdict for ada") in said
    assert ("ERROR", "autograder: a reason") in said


def test_a_command_on_a_terminal_shows_there_what_grading_shows(
    converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading = ran(monkeypatch)
    by_command = converter()
    by_command.parent = Application()
    by_command.start()
    assert grading.options["stdout"] is None
    converter().start()
    assert grading.options["stdout"] == subprocess.PIPE


def test_ctrl_c_stops_the_grading_and_waits_for_it(
    converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading = ran(monkeypatch)
    answers = iter([KeyboardInterrupt(), None])

    def communicate() -> tuple[str, str]:
        if (answer := next(answers)) is not None:
            raise answer
        return "", ""

    monkeypatch.setattr(grading, "communicate", communicate)
    with pytest.raises(SystemExit) as end:
        converter().start()
    assert end.value.code == 130
    assert grading.signals == [signal.SIGINT]
    assert next(answers, "waited") == "waited"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"Execute__enabled": False}, "--no-execute would trust the points"),
        ({"CourseDirectory__student_id": "zoe"}, "nothing was handed in: .* no folder zoe/tiny"),
        ({"assignment": "other"}, r"nothing was handed in: .* no folder \*/other"),
        ({"CourseDirectory__db_url": "sqlite:////tmp/other.db"}, "should be .*/gradebook.db"),
        ({"CourseDirectory__db_url": "postgresql://there/grades"}, "should be .*/gradebook.db"),
        ({"CourseDirectory__submitted_directory": "inbox"}, "inbox/STUDENT/ASSIGNMENT should be"),
        ({"CourseDirectory__autograded_directory": "out"}, "out/STUDENT/ASSIGNMENT should be"),
    ],
)
def test_what_would_mean_something_else_is_refused_with_the_reason(
    converter: Converter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    options: Any,
    reason: str,
) -> None:
    grading = ran(monkeypatch)
    with pytest.raises(NbGraderException, match=reason) as refusal:
        converter(**options).start()
    assert grading.commands == []
    assert str(refusal.value) in [record.getMessage() for record in caplog.records]


def test_a_folder_that_is_no_course_is_refused(
    course: Course, converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = converter()
    (course.root / "nbgrader_config.py").unlink()
    with pytest.raises(NbGraderException, match="no course at or above"):
        asked.start()


def test_one_notebook_of_a_student_cannot_be_asked_for(
    converter: Converter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    grading = ran(monkeypatch)
    converter(CourseDirectory__notebook_id="01*").start()
    assert len(grading.commands) == 1
    assert "--notebook has no effect" in caplog.text


def test_a_course_that_does_not_name_the_stand_in_keeps_nbgraders_own_autograding(
    converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    grading = ran(monkeypatch)
    with pytest.raises(NbGraderException, match="No notebooks were matched"):
        converter(Autograde__exporter_class=NotebookExporter).start()
    assert grading.commands == []


def test_it_never_converts_a_notebook_for_nbgrader() -> None:
    with pytest.raises(NbGraderException, match="is not run here"):
        StandIn().from_filename("01_tiny.ipynb")
