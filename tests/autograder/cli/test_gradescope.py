from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from autograder.cli import app, consoles
from tests.courses.adding import write_course


def run(*arguments: str) -> int:
    sys.argv = ["autograder", *arguments]
    with pytest.raises(SystemExit) as caught:
        app.main()
    return int(caught.value.code or 0)


@pytest.fixture(autouse=True)
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = write_course(tmp_path / "course")
    for path in ("solutions/__init__.py", "solutions/sums/adding.py"):
        (course.root / path).parent.mkdir(parents=True, exist_ok=True)
        (course.root / path).write_text("")
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(consoles, "console", Console(width=160))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))
    monkeypatch.setattr(sys, "argv", [])


def test_without_the_option_it_says_what_is_not_protected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("gradescope", "sums", "--out", "sums.zip") == 2
    told = capsys.readouterr().err
    assert "--weak-isolation" in told and "no namespaces" in told
    assert not Path("sums.zip").exists()


def test_it_says_what_to_set_on_gradescope(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--out", "sums.zip", "--weak-isolation", "--minutes", "3")
    assert run("gradescope", "sums", *options) == 0
    told = capsys.readouterr().out
    assert "2 autograder points, a timeout of 3 minutes" in told
    assert "A notebook may take 90 s there" in told
    assert "A person grades why (1)" in told
    with zipfile.ZipFile("sums.zip") as archive:
        assert "run_autograder" in archive.namelist()


@pytest.mark.parametrize(
    "wrong",
    [("--visibility", "never"), ("--minutes", "41"), ("--Autograder.cell=3",)],
)
def test_a_wrong_option_is_refused(
    wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--out", "sums.zip", "--weak-isolation")
    assert run("gradescope", "sums", *options, *wrong) == 2
    capsys.readouterr()


def test_an_unknown_assignment_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("gradescope", "nothing", "--out", "x.zip", "--weak-isolation") == 2
    assert "there: sums" in capsys.readouterr().err
