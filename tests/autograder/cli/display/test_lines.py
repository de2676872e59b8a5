from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.cli.display.lines import cell, columns, line, wrapped


def test_more_than_80_columns_are_used_on_a_terminal_only() -> None:
    found = [
        columns(Console(width=width, file=io.StringIO(), force_terminal=terminal))
        for width in (60, 100, 300)
        for terminal in (False, True)
    ]
    assert found == [60, 60, 80, 100, 80, 110]


@pytest.mark.parametrize(
    "text", ["short", "a line that is long", "学生学生学生学生", "学a生b学c生d"]
)
def test_a_cell_has_exactly_its_columns(text: str) -> None:
    assert {cell_len(cell(text, 9)), cell_len(cell(text, 9, right=True))} == {9}


def test_cut_text_ends_in_an_ellipsis() -> None:
    assert line("one two three", 8).plain == "one two…"
    assert line("one two three", 11).plain == "one two…"
    assert line("one two three", 13).plain == "one two three"
    assert line(f"one {'x' * 40}", 30).plain == f"one {'x' * 25}…"
    assert [cell_len(line("学生学生 学生", most).plain) for most in (5, 8, 11)] == [5, 7, 9]
    assert [one.plain for one in wrapped("one two three four", 9, 2, 2)] == [
        "  one two",
        "  three …",
    ]
    assert [one.plain for one in wrapped("one two", 9, 2, 2)] == ["  one two"]
    assert [one.plain for one in wrapped("x" * 30, 9, 1)] == ["xxxxxxxx…"]
