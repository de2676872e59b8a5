from __future__ import annotations

import pytest

from autograder.course import Course
from autograder.doctor import Line, Report, examine

pytest_plugins = ["tests.autograder.engine_fixtures"]


def test_a_machine_that_can_isolate_is_ready_and_says_what_a_submission_sees(
    tiny_course: Course,
) -> None:
    report = examine(tiny_course, "bubblewrap")
    assert report.ready, report
    told = "\n".join(line.what for line in report.lines)
    assert f"course at {tiny_course.root}" in told
    assert "no network" in told
    assert "'engine'" in told


def test_without_bubblewrap_it_says_what_to_install(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    report = examine(tiny_course, "bubblewrap")
    assert not report.ready
    missing = "\n".join(line.what for line in report.lines if not line.ok)
    assert "apt-get install bubblewrap" in missing


def test_an_unknown_sandbox_is_missing(tiny_course: Course) -> None:
    report = examine(tiny_course, "docker")
    assert [line.what for line in report.lines if not line.ok] == [
        "sandbox docker: no sandbox is named 'docker'; there are bubblewrap, process"
    ]


def test_one_thing_missing_is_not_ready() -> None:
    assert Report(()).ready
    assert not Report((Line("a", True), Line("b", False))).ready
