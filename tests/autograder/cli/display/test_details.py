from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.cli.display.details import details
from autograder.results import NotebookResult, Outcome, TestResult
from tests.courses.class_results import LONG


def test_markup_in_names_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    evil = NotebookResult("[red]x[/red]", "t", "[bold]n", (), notes=("[link=x]y",))
    details(Console(width=200), [evil])
    out = capsys.readouterr().out
    for text in ("[red]x[/red]", "[bold]n", "[link=x]y"):
        assert text in out


def test_names_cannot_command_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = NotebookResult("a\x1b]0;owned\x07", "t", "n", (), notes=("\x1b[2J\u202ey",))
    details(Console(width=200), [evil])
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x07", "\u202e"}


def shown_at(width: int, results: list[NotebookResult], capsys: pytest.CaptureFixture[str]) -> str:
    details(Console(width=width), results)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_and_odd_ids_keep_the_table_within_the_terminal(
    capsys: pytest.CaptureFixture[str], width: int
) -> None:
    test = TestResult("t", "add", 0.0, 1.0, Outcome.FAILED, diagnosis="add.subtracts")
    names = ("ada", LONG, "学生" * 40, "line\nbreak" * 20, "x" * 300)
    results = [
        NotebookResult(name, "tiny", notebook, (test,), outcome=Outcome.NEEDS_MANUAL_GRADE)
        for name in names
        for notebook in ("01_tiny", "02_" + "long" * 30)
    ]
    out = shown_at(width, results, capsys)
    rows = [line for line in out.splitlines() if line[:1] in "┏┡│└"]
    (used,) = {cell_len(line) for line in rows}
    assert used <= width
    assert "ada" in out and "needs_manual_" in out and "…" in out
    assert "add.subtracts" in "".join(out.split())
    ids = [line.split("│")[1].strip() for line in rows if line.startswith("│")]
    assert any(one.startswith(LONG[:5]) and one.endswith(LONG[-5:]) for one in ids)


def test_ids_that_differ_in_their_middle_are_told_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [LONG.replace("very", year) for year in ("2026", "2027")]
    out = shown_at(80, [NotebookResult(name, "t", "n", ()) for name in names], capsys)
    ids = "".join(line.split("│")[1].strip() for line in out.splitlines() if line[:1] == "│")
    assert all(name in ids for name in names)


def test_times_that_are_not_clear_are_in_the_table_and_the_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = [
        NotebookResult(student, "t", notebook, (), time_doubt="it says [PST]")
        for student in ("ada", "bob", "cleo", "dan")
        for notebook in ("01_a", "02_b")
    ]
    out = shown_at(120, [*results, NotebookResult("eve", "t", "01_a", ())], capsys)
    assert out.count("time of handing in not clear") == 8
    assert "time not clear for ada, bob, cleo and 1 more: it says [PST]" in out
    assert results[0].public()["notes"] == ["it says [PST]"]
