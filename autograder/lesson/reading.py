"""The parts of notebook and lecture that an exercise belongs to.

A lesson names the lecture under a heading, in a line such as ``*Lecture: "Max Pooling".*``. An
exercise of another part has it in its header: ``# %% answer corr2d lecture="Max Pooling"``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{2,3} +(.*\S)", re.MULTILINE)
_LECTURE = re.compile(r"^\*(Lecture[^*]{1,400}?)\.?\*\s*$", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]*)"')
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)\.? +(.*)")


@dataclass(frozen=True)
class Reading:
    """``heading`` is a section's of the notebook, ``lecture`` a text; empty if unknown."""

    heading: str = ""
    lecture: str = ""

    @property
    def parts(self) -> list[str]:
        """The parts to read again, in words."""
        said = []
        if found := _NUMBERED.fullmatch(self.heading):
            said.append(f"section {found[1]} of the notebook, “{_quoted(found[2], '‘’')}”")
        elif self.heading:
            said.append(f"“{_quoted(self.heading, '‘’')}” in the notebook")
        if self.lecture:
            said.append(self.lecture[0].lower() + _quoted(self.lecture[1:], "“”"))
        return said


NOTHING = Reading()


def _quoted(text: str, marks: str) -> str:
    """The text with other quotation marks."""
    return _QUOTED.sub(rf"{marks[0]}\1{marks[1]}", text)


class LessonCell(Protocol):
    """A cell of a lesson; ``kind`` is "code" or "markdown", ``exercise`` may be empty."""

    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def exercise(self) -> str: ...
    @property
    def metadata(self) -> Mapping[str, Any]: ...


def readings(cells: Iterable[LessonCell]) -> dict[str, Reading]:
    """The reading of each exercise: the section of its first cell."""
    found: dict[str, Reading] = {}
    heading, lecture = "", ""
    for cell in cells:
        if cell.exercise:
            given = cell.metadata.get("lecture")
            own = f'Lecture: "{given}"' if given else lecture if given is None else ""
            found.setdefault(cell.exercise, Reading(heading, own))
        elif cell.kind == "markdown":
            text = _FENCED.sub("", cell.source)
            for part in re.split(r"^(?=#{2,3} )", text, flags=re.MULTILINE):
                if title := _HEADING.match(part):
                    heading, lecture = title[1], ""
                if named := _LECTURE.search(part):
                    lecture = " ".join(named[1].split())
    return found
