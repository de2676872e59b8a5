"""Row 28: ids of students and names of files that would be patterns for ``glob``, ``fnmatch`` or ``re``.

The course of the whole suite lies in a folder whose name is a pattern, too.
"""

from __future__ import annotations

from autograder.results import Outcome
from tests.attacks.kinds import FULL, WRONG, Attack
from tests.attacks.rows_files import MINE, zipped

STOPS = "names are compared or listed, never used as a pattern, in nbgrader's own code too"
NONE = dict.fromkeys(FULL, 0.0)


def named(name: str, student: str) -> Attack:
    """A right submission of a student with an odd id: all points, and only that student's."""
    return Attack(28, name, STOPS, {}, dict(FULL), (Outcome.NEEDS_MANUAL_GRADE,), student=student)


def wrong(name: str, student: str) -> Attack:
    """A wrong submission whose id matches the ids of others; it gets none of their points."""
    return Attack(
        28, name, STOPS, WRONG, NONE, (Outcome.FAILED,), "got 0, expected 3", student=student
    )


def beside(name: str, files: dict[str, bytes], says: str = "", **more: str) -> Attack:
    outcomes = (Outcome.NEEDS_MANUAL_GRADE,)
    return Attack(28, name, STOPS, {}, dict(FULL), outcomes, says, files=files, **more)  # type: ignore[arg-type]


ATTACKS: list[Attack] = [
    named("an id in brackets", "[ab]"),
    wrong("an id that matches the id in brackets", "a"),
    wrong("an id that matches everybody", "*"),
    wrong("an id that matches the first honest students", "s0*-a-*"),
    named("an id of one question mark", "?"),
    named("an id of two stars", "**"),
    named("an id that negates", "[!s]*"),
    named("an id that begins with a dot", ".dotted"),
    named("an id that looks like a way up", "..up"),
    named("an id with a line break", "line\nbreak"),
    named("an id that is an expression", "(?P<student_id>.*)"),
    named("an id with a dollar and a backslash", "\\d+$"),
    named("an id that formats", "{assignment_id}"),
    named("an id that begins like an option", "--force"),
    named("an id with blanks at its ends", " blank "),
    named("an id of two scripts", "Zoë\u202eèoZ"),
    wrong("an id that SQL would match with all", "%"),
    beside("a notebook whose name is a pattern", {}, "recognised as 01_small", file_name="[*]?.ipynb"),
    beside("a folder whose name is a pattern", {"[0-9]*_*.py/x.py": MINE}),
    beside("a module whose name is a pattern", {"*.py": MINE, "[a].py": MINE}),
    beside("an archive whose name is a pattern", {"[a-z]*.zip": zipped(("mine.py", MINE))}),
]  # fmt: skip
