"""``autograder roster`` on the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from autograder.cli import app, consoles
from autograder.course.layout import Course
from autograder.people.roster import people_of
from tests.autograder.people import rosters

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """``run("import", text)`` writes the text to a file and imports it: code, output, errors."""
    monkeypatch.chdir(tiny_course.root)
    monkeypatch.setattr(consoles, "console", Console(width=120))
    monkeypatch.setattr(consoles, "errors", Console(width=160, stderr=True))

    def invoke(command: str, text: str = "", *options: str) -> tuple[int, str, str]:
        arguments = [command, *options]
        if command == "import":
            Path("people.csv").write_text(text)
            arguments = [command, "people.csv", *options]
        monkeypatch.setattr(sys, "argv", ["autograder", "roster", *arguments])
        with pytest.raises(SystemExit) as caught:
            app.main()
        code = caught.value.code
        assert code is None or isinstance(code, int)
        return (code or 0, *capsys.readouterr())

    return invoke


def test_an_import_says_what_changed(run: Run, tiny_course: Course) -> None:
    for name in ("ada", "stranger [b]x"):
        (tiny_course.submitted / name / "tiny").mkdir(parents=True)
    code, out, _ = run("import", rosters.CANVAS_GRADEBOOK)
    assert code == 0
    assert "people.csv: Canvas, gradebook, 3 students, ids from the column 'SIS Login ID'" in out
    assert "line 6: Canvas's test student was left out" in out
    assert "added: 3: Ada Lovelace (ada), 孙悟空 (wukong), Zoë O'Brien-Sørensen (zoe)" in out
    assert "folders in submitted/ that belong to nobody: stranger [b]x" in out
    code, out, _ = run("import", rosters.CANVAS_GRADEBOOK)
    assert "nothing changed" in out
    fewer = rosters.CANVAS_GRADEBOOK.replace("孙悟空,1205,00079,wukong,B,EX,\n", "")
    code, out, _ = run("import", fewer.replace('"Lovelace, Ada"', '"King, Ada"'))
    assert "gone: 1: 孙悟空 (wukong)" in out
    assert "  ada: name “Ada Lovelace” → “Ada King”" in out
    code, out, _ = run("import", rosters.CANVAS_GRADEBOOK)
    assert "back: 1: 孙悟空 (wukong)" in out
    assert people_of(tiny_course)["wukong"].gone_at is None


def test_a_dry_run_writes_nothing(run: Run, tiny_course: Course) -> None:
    code, out, _ = run("import", rosters.PLAIN, "--dry-run")
    assert code == 0
    assert "would be added: 2" in out
    assert "nothing was written" in out
    assert not tiny_course.gradebook.exists()
    run("import", rosters.PLAIN)
    before = tiny_course.gradebook.read_bytes()
    run("import", "id\ncleo\n", "--dry-run")
    assert tiny_course.gradebook.read_bytes() == before


def test_add_keeps_everybody(run: Run, tiny_course: Course) -> None:
    run("import", rosters.PLAIN)
    run("import", "id\ncleo\n", "--add")
    assert [one.id for one in people_of(tiny_course).values() if one.gone_at is None] == [
        "ada", "bob", "cleo",
    ]  # fmt: skip


def test_a_roster_with_problems_changes_nothing(run: Run, tiny_course: Course) -> None:
    run("import", rosters.PLAIN)
    before = people_of(tiny_course)
    code, _, err = run("import", "id,name\ncleo,Cleo\n,Nobody\n")
    assert code == 2
    assert "line 3: no id of Nobody" in err
    code, _, err = run("import", "id,name\ncleo,Cleo\nADA,Ada\n")
    assert code == 2
    assert "'ADA' is 'ada' in the gradebook" in err
    assert people_of(tiny_course) == before


def test_an_error_while_writing_leaves_the_gradebook_as_it_was(
    run: Run, tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", rosters.PLAIN)
    before = people_of(tiny_course)

    def fail(person: object) -> dict[str, object]:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("autograder.people.roster._own_row", fail)
        patch.setattr(sys, "argv", ["autograder", "roster", "import", "people.csv"])
        Path("people.csv").write_text("id,name\nada,Ada King\ncleo,Cleo\n")
        with pytest.raises(MemoryError):
            app.main()
    assert people_of(tiny_course) == before


def test_the_list_shows_everybody(run: Run) -> None:
    _, out, _ = run("list")
    assert "nobody is in the gradebook yet" in out
    run("import", rosters.CANVAS_GRADEBOOK)
    run("import", 'id,name\nada,"[red]Ada, \x1b[2J"\n')
    _, out, _ = run("list")
    assert "1 student, 2 gone" in out
    assert "孙悟空" in out
    assert "canvas 1203" in out
    assert "[red]Ada" in out
    assert "\x1b[2J" not in out
