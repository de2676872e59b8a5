"""Words that no release may hold: hidden tests, solutions, private files, secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_SOLUTIONS = re.compile(r"^\s*(?:from|import)\s+solutions\b")
_CHECKS = re.compile(r"^\s*(?:from|import)\s+autograder\b")
_MARKER = re.compile(r"(?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)")
_PRIVATE = re.compile(r"(?<![\w-])(?:private|exercises|misconceptions)/[\w.-]")


def leak_mistakes(
    released: Sequence[str], places: Sequence[str], secrets: Mapping[str, str]
) -> Iterator[str]:
    """Forbidden words in the texts of a released notebook's cells.

    ``places`` are the words for the cells. ``secrets`` are texts that no release may hold, with the
    words for them.
    """
    for text, place in zip(released, places, strict=True):
        for line in text.splitlines():
            if said := _forbidden(line, secrets):
                yield f"{place}: students would get the line\n  {line.strip()}\n  {said}"


def _forbidden(line: str, secrets: Mapping[str, str]) -> str:
    if _SOLUTIONS.match(line):
        return "They have no solutions to import. Import them in exercises/NAME/check.py"
    if _CHECKS.match(line):
        return "They have no autograder to import. Import it in exercises/NAME/check.py"
    if found := _MARKER.search(line):
        return f"It holds {found[0]}. Write the marker on a line of its own, or other words"
    if found := _PRIVATE.search(line):
        return f"It names {found[0][:-1]}, which no student gets. Remove it"
    for secret, words in secrets.items():
        if re.search(rf"(?<![\w/.]){re.escape(secret)}(?![\w-])", line):
            return f"It holds {words}. Remove it"
    return ""
