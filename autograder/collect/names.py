"""Names of people made comparable: without case, accents, punctuation and order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from autograder.people.person import Person

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
_BREAK = re.compile(r"[\s,;_/]+")


def exact(text: str) -> str:
    """The letters, marks and digits of a text, without case."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LMN")


def folded(text: str) -> str:
    """The same without accents: ``José`` and ``Jose`` are equal."""
    letters = unicodedata.normalize("NFKD", exact(text).translate(_LETTERS))
    return "".join(one for one in letters if unicodedata.category(one)[0] in "LN")


def german(text: str) -> str:
    """The same with umlauts written as two letters: ``Müller`` and ``Mueller`` are equal."""
    return folded(exact(text).translate(_GERMAN))


LEVELS = (exact, folded, german)


def words(text: str) -> list[str]:
    """The words of a name; an apostrophe and a hyphen are inside a word."""
    return [word for word in _BREAK.split(text.strip()) if exact(word)]


def word_key(text: str, fold: Callable[[str], str]) -> str:
    """A key of the words of a name in any order; empty for a single word."""
    parts = sorted(fold(word) for word in words(text))
    return " ".join(parts) if len(parts) > 1 else ""


def whole_keys(person: Person, fold: Callable[[str], str]) -> set[str]:
    """The keys of a person's name without spaces, in both orders."""
    first, last = fold(person.first_name), fold(person.last_name)
    return {first + last, last + first} - {""}
