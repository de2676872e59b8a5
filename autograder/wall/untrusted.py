"""Parts of a reply as plain types. Every part may be a lie, so no function here raises.

A part that is missing or of the wrong type reads as the empty value of the right type. Only exact
types count: a student's object that claims to be a text is no text.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

MAX_TEXT, MAX_LINE, MAX_LINES = 2000, 500, 60  # of an error: characters, and lines
MAX_REMARKS = 50  # of one cell or test


class Absent(Enum):
    """The value of a part that a reply does not hold."""

    ABSENT = 0


ABSENT = Absent.ABSENT


def anything(value: Any) -> Any:
    """A value that tests look at, as it arrived."""
    return value


def text(value: Any) -> str:
    """A text of any length."""
    return value if type(value) is str else ""


def short_text(value: Any) -> str:
    """The first MAX_TEXT characters of a text."""
    return value[:MAX_TEXT] if type(value) is str else ""


def line(value: Any) -> str:
    """The first MAX_LINE characters of a text."""
    return value[:MAX_LINE] if type(value) is str else ""


def lines(value: Any) -> tuple[str, ...]:
    """The lines of a list or tuple."""
    return tuple(map(line, value)) if type(value) in (list, tuple) else ()


def few_lines(value: Any) -> tuple[str, ...]:
    """The first MAX_LINES lines of a list or tuple."""
    return lines(value[:MAX_LINES]) if type(value) in (list, tuple) else ()


def lines_by_name(value: Any) -> dict[str, str]:
    """The lines of a dictionary by name."""
    if type(value) is not dict:
        return {}
    return {name: line(found) for name, found in value.items() if type(name) is str}


def remarks(value: Any) -> tuple[tuple[str, str], ...]:
    """Pairs of a kind and a detail."""
    found = value[:MAX_REMARKS] if type(value) in (list, tuple) else ()
    pairs = ((*few_lines(one), "", "") for one in found)
    return tuple((kind, detail) for kind, detail, *_ in pairs)


def number(value: Any) -> int:
    """An integer; 0 for a truth value."""
    return value if type(value) is int else 0


def length(value: Any) -> int | None:
    """A length; None if it is negative or no integer."""
    return value if type(value) is int and value >= 0 else None


def is_true(value: Any) -> bool:
    """Whether this is the value True."""
    return value is True


def is_not_false(value: Any) -> bool:
    """Whether this is anything but the value False."""
    return value is not False


def items(value: Any) -> list[Any] | None:
    """The items of a list; None if it is no list."""
    return value if type(value) is list else None


def by_name(value: Any) -> dict[Any, Any]:
    """The values of a dictionary."""
    return value if type(value) is dict else {}


def is_reply(value: Any) -> bool:
    """Whether this can be a reply: a dictionary, whose error, if any, is another."""
    return type(value) is dict and type(value.get("error")) in (dict, type(None))


def replies(value: Any) -> tuple[dict[Any, Any], ...]:
    """Several replies; none if one of them is no reply."""
    return tuple(value) if type(value) is list and all(map(is_reply, value)) else ()
