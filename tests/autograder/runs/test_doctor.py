from __future__ import annotations

import importlib.util
import re

import pytest

from autograder.course.layout import Course
from autograder.jail import landlock
from autograder.runs.doctor import Line, Report, examine


def test_a_machine_that_can_isolate_is_ready_and_says_what_a_submission_sees(
    tiny_course: Course,
) -> None:
    report = examine(tiny_course, "bubblewrap")
    assert report.ready, report
    told = "\n".join(line.what for line in report.lines)
    assert f"course at {tiny_course.root}" in told
    assert "no network" in told
    assert "it sees bin dev engine" in told


def test_it_says_which_layers_hold(tiny_course: Course) -> None:
    layers = [x for x in examine(tiny_course, "bubblewrap").lines if x.what.startswith("  layer")]
    assert [line.what for line in layers if line.needed and not line.ok] == []
    told = "\n".join(line.what for line in layers)
    assert "namespaces of its own: user, pid, mnt, net, ipc, uts, cgroup\n" in told
    for word in ("no capabilities", "seccomp", "Landlock", "control group"):
        assert word in told
    assert [x.ok for x in layers if "Landlock" in x.what] == [landlock.version() > 0]


def test_a_layer_that_only_some_machines_have_is_not_needed() -> None:
    assert Report((Line("Landlock", False, needed=False),)).ready


def test_the_weak_sandbox_claims_no_layers_of_the_strong_one(tiny_course: Course) -> None:
    told = "\n".join(line.what for line in examine(tiny_course, "process").lines)
    assert "WEAK" in told
    assert "namespaces of its own" not in told and "file view" not in told


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


def test_it_lists_colab_s_packages_that_are_here_and_those_that_are_stand_ins(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[list[str], list[str]]:
        lines = examine(tiny_course, "process").lines
        here = next(x.what for x in lines if x.what.startswith("packages of Colab"))
        others = next(x for x in lines if x.what.startswith("stand-ins"))
        assert not others.needed
        return re.findall(r"[\w.]+", here), re.findall(r"[\w.]+", others.what)

    here, others = told()
    assert {"PIL", "einops", "pandas", "scipy", "sklearn", "tqdm", "torch"} <= set(here)
    assert {"cv2", "torchvision", "google.colab"} <= set(others)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "scipy" else find(name)
    )
    here, others = told()
    assert "scipy" in others and "scipy" not in here
    lines = examine(tiny_course, "process").lines
    assert [x.what[:20] for x in lines if "pip install" in x.what] == ["scipy: not installed"]
