from __future__ import annotations

import sys
import zipfile
from datetime import datetime

import pytest
from rich.console import Console

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.files.hand_in_time import HandInTime
from autograder.received.disk.incoming import Incoming
from autograder.received.store import Store
from autograder.received.versions.origin import Origin
from tests.courses.sums import record_result


def run(*arguments: str) -> int:
    sys.argv = ["autograder", *arguments]
    with pytest.raises(SystemExit) as caught:
        app.main()
    return int(caught.value.code or 0)


@pytest.fixture(autouse=True)
def terminal(course: Course, bundle: NotebookBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two students with grades; Moodle knows one of them."""
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(consoles, "console", Console(width=160))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))
    monkeypatch.setattr(sys, "argv", [])
    for student in ("ada", "bob"):
        record_result(course, bundle, student)
    file = course.root / "file.ipynb"
    file.write_text("x")
    path = "Ada_5_assignsubmission_file/01_sums.ipynb"
    origin = Origin("moodle", time=HandInTime(datetime(2026, 2, 1)), paths={"01_sums.ipynb": path})
    Store(course).add("demo", "ada", [Incoming("01_sums.ipynb", file, None)], origin)


def test_pages_are_written_and_packed_and_who_is_left_out_is_named(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("feedback", "demo", "--for", "moodle") == 1
    told = capsys.readouterr().out
    assert "1 student in feedback/demo.moodle.zip" in told
    assert "Upload multiple feedback files in a zip" in told
    assert "left out: bob: no file of theirs was collected" in told
    with zipfile.ZipFile(course.feedback / "demo.moodle.zip") as archive:
        assert archive.namelist() == ["Ada_5_assignsubmission_file/feedback-demo.html"]
    assert run("feedback", "demo", "--for", "moodle", "--student", "ada") == 0
    assert "left out" not in capsys.readouterr().out


def test_a_system_that_takes_no_files_back_is_refused_before_anything_is_written(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("feedback", "demo", "--for", "gradescope") == 2
    assert "takes no files back" in capsys.readouterr().err
    assert run("feedback", "demo", "--for", "canvass") == 2
    assert "moodle or canvas" in capsys.readouterr().err
    assert not course.feedback.exists()


def test_a_system_that_knows_nobody_gets_no_zip(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("feedback", "demo", "--for", "canvas") == 1
    told = capsys.readouterr().out
    assert "no zip was written" in told and told.count("left out:") == 2
    assert list(course.feedback.glob("*.zip")) == []
