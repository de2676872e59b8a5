"""Texts of a student's code without numbers that may be inputs of hidden cases.

A function can collect its arguments and put them into an exception or into its return value.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\bline \d{1,4}\b|\d[\d.]*")
_RUN = re.compile(r"\d+")
LEFT_OUT = "…"


def without_foreign_numbers(text: str, shown: str, digits: int = 3) -> str:
    """The text with long numbers replaced, except numbers that ``shown`` contains too.

    ``digits`` is the number of digits in a row from which a number is long. Line numbers stay.
    """
    known = set(_NUMBER.findall(shown))

    def kept(found: re.Match[str]) -> str:
        longest = max(map(len, _RUN.findall(found[0])))
        is_small = longest < digits or found[0].startswith("line")
        return found[0] if is_small or found[0] in known else LEFT_OUT

    return _NUMBER.sub(kept, text)
