from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest
import typer.main
from rich.console import Console

from autograder.atomic_write import write_whole
from autograder.cli import app, verbose
from autograder.cli.verbose import TerminalHandler
from autograder.course.layout import Course

LOG = logging.getLogger("autograder")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run a command in this process; return its stderr."""
    shown = io.StringIO()
    console = Console(width=160, file=shown)
    monkeypatch.setattr(verbose, "Console", lambda stderr: console if stderr else None)
    monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
    with pytest.raises(SystemExit) as caught:
        app.main()
    assert caught.value.code in (None, 0)
    return shown.getvalue()


def test_every_command_takes_the_option() -> None:
    group = typer.main.get_command(app.app)
    commands = dict(group.commands)  # type: ignore[attr-defined]
    assert {"release", "grade", "verify", "feedback", "export", "simulate", "doctor"} <= set(
        commands
    )
    for name in [name for name in commands if hasattr(commands[name], "commands")]:
        inner = commands.pop(name).commands  # such as `new assignment`
        commands |= {f"{name} {one}": command for one, command in inner.items()}
    for name, command in commands.items():
        options = [option for parameter in command.params for option in parameter.opts]
        assert {"-v", "--verbose"} <= set(options), name


def test_the_steps_are_told_with_the_option_only(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_course.root)
    command = ["release", "--check", "tiny"]
    monkeypatch.setattr("autograder.release.release.stale", lambda course, name: [])
    assert run(monkeypatch, *command) == ""
    told = run(monkeypatch, *command, "-v")
    assert f" course: {tiny_course.root}, settings: cell_s=" in told
    assert len(told.splitlines()) == 1
    assert run(monkeypatch, *command) == ""
    assert LOG.handlers == [] and LOG.level == logging.NOTSET


def test_each_file_is_named_with_the_option_twice(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tiny_course.root)
    path = tmp_path / "page.html"

    def write(course: Course, name: str) -> list[str]:
        write_whole(path, "text")
        return []

    monkeypatch.setattr("autograder.release.release.stale", write)
    assert str(path) not in run(monkeypatch, "release", "--check", "tiny", "-v")
    told = run(monkeypatch, "release", "--check", "tiny", "-vv")
    assert f"atomic_write: wrote {path}, 4 bytes" in told
    told = run(monkeypatch, "release", "--check", "tiny", "-v", "--verbose")
    assert f"wrote {path}, 4 bytes" in told


HOSTILE = [
    "[bold red]x[/]",
    "a\nb 12:00:00 runs: c",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "a\rb",
    ":skull: %s",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_one_line_of_plain_text(name: str) -> None:
    shown = io.StringIO()
    console = Console(width=40, file=shown, force_terminal=True, color_system="truecolor")
    handler = TerminalHandler(console, logging.INFO)
    log = logging.Logger("autograder.runs.grading")
    log.addHandler(handler)
    log.info("graded %s", name)
    (line,) = shown.getvalue().splitlines()
    assert " runs:\x1b[0m graded " in line
    _, _, told = line.partition("\x1b[0m ")
    assert told.isprintable()
    if name.isprintable():
        assert told == f"graded {name}"


def test_a_record_that_cannot_be_written_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.Logger("autograder.runs")
    log.addHandler(TerminalHandler(Console(file=io.StringIO()), logging.INFO))
    log.info("%d notebooks", "three")
    assert "Logging error" in capsys.readouterr().err
