"""Each reader of a part of a reply: honest values stay, lies read as empty values of its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograder.wall import untrusted
from autograder.wall.untrusted import MAX_LINE, MAX_LINES, MAX_REMARKS, MAX_TEXT
from tests.autograder.forged import forged


class Text(str):
    """Not a plain text: its methods are the student's."""


class Number(int):
    """Not a plain number."""


LIES: tuple[Any, ...] = (None, 5.5, b"x", object(), forged([]), Text("x"), Number(3), {3: 4}, ...)
READERS: dict[str, tuple[Callable[[Any], Any], Any, dict[Any, Any]]] = {
    "text": (untrusted.text, "", {"a" * 9000: "a" * 9000}),
    "short_text": (untrusted.short_text, "", {"a" * 9000: "a" * MAX_TEXT}),
    "line": (untrusted.line, "", {"a" * 9000: "a" * MAX_LINE}),
    "number": (untrusted.number, 0, {-7: -7, 10**40: 10**40}),
    "length": (untrusted.length, None, {0: 0, 9: 9, -1: None}),
    "is_true": (untrusted.is_true, False, {True: True}),
    "is_not_false": (untrusted.is_not_false, True, {False: False}),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_keeps_honest_values_and_empties_lies(name: str) -> None:
    read, empty, honest = READERS[name]
    for lie in LIES:
        assert read(lie) == empty
        assert type(read(lie)) is type(empty)
    for value, expected in honest.items():
        assert read(value) == expected


def test_a_truth_value_is_neither_a_number_nor_a_length() -> None:
    assert untrusted.number(True) == 0
    assert untrusted.length(True) is None
    assert untrusted.is_true(1) is False
    assert untrusted.is_not_false(0) is True


def test_lines_are_read_one_by_one_and_are_as_many_as_allowed() -> None:
    assert untrusted.lines(["a", 5, Text("b"), "c" * 9000]) == ("a", "", "", "c" * MAX_LINE)
    assert untrusted.lines(("a",)) == ("a",)
    assert len(untrusted.lines(["a"] * 1000)) == 1000
    assert len(untrusted.few_lines(["a"] * 1000)) == MAX_LINES
    for lie in (*LIES, "lines", {"a": 1}):
        assert untrusted.lines(lie) == untrusted.few_lines(lie) == ()


def test_dictionaries_lists_and_remarks_are_read_by_their_parts() -> None:
    assert untrusted.lines_by_name({"a": "b", 3: "c", "d": 5}) == {"a": "b", "d": ""}
    assert untrusted.by_name({3: 4}) == {3: 4}
    assert untrusted.items([1, 2]) == [1, 2]
    assert untrusted.remarks([["a", "b", "c"], ["a"], 5, []]) == (
        ("a", "b"), ("a", ""), ("", ""), ("", ""),
    )  # fmt: skip
    assert len(untrusted.remarks([["a", "b"]] * 1000)) == MAX_REMARKS
    for lie in ("text", 5, None, forged([])):
        assert untrusted.lines_by_name(lie) == untrusted.by_name(lie) == {}
        assert untrusted.items(lie) is None
        assert untrusted.remarks(lie) == ()


@pytest.mark.parametrize(
    "value", [None, [], "x", {"error": 5}, {"error": []}, {"error": forged([])}]
)
def test_what_is_no_reply_makes_several_no_replies(value: Any) -> None:
    assert not untrusted.is_reply(value)
    assert untrusted.replies([{}, value]) == ()
    assert untrusted.replies(value) == ()
    assert untrusted.replies([{}, {"error": {}}, {"error": None}]) != ()
