"""The blocks of code on a Markdown page, with the marks in front of them.

A mark is an HTML comment, which readers do not see. It belongs to the next block:

- ``<!-- course: NAME -->``: the page goes on in a fresh copy of this course, see ``scratch.py``
- ``<!-- not run: REASON -->``: the commands of the block are not run
- ``<!-- file: PATH -->``: the block is the text of a file, which is written
- ``<!-- append: PATH -->``: the block is added at the end of a file
- ``<!-- exit: CODE -->``: the last command of the block ends with this exit code (default: 0)

A block of the language ``console`` holds commands, which begin with ``$``. A line that begins with ``>``
continues the command above it. The other lines are the output of the command above them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

MARKS = ("course", "not run", "file", "append", "exit")
_MARK = re.compile(r"<!-- (course|not run|file|append|exit): (.+?) -->$")
_FENCE = re.compile(r"(\s*)(`{3,}|~{3,}|:{3,})(.*)$")


@dataclass(frozen=True)
class Command:
    """A command and the output that the page shows; None if it shows no output."""

    text: str
    output: tuple[str, ...] | None


@dataclass(frozen=True)
class Block:
    """A block of code: its line on the page, its language, its text and its marks."""

    page: Path
    line: int
    language: str  # empty for an indented block
    text: str
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.line}"

    def commands(self) -> list[Command]:
        """The commands of a console block.

        Raises ValueError if output stands in front of the first command.
        """
        found: list[Command] = []
        text, output = "", list[str]()
        for line in [*self.text.splitlines(), "$ "]:
            if line.startswith("$ "):
                if text:
                    found.append(Command(text, _without_blank_ends(output)))
                text, output = line[2:], []
            elif line.startswith("> ") and text and not output:
                text += "\n" + line[2:]
            elif text:
                output.append(line)
            elif line.strip():
                raise ValueError(f"{self.place}: output before the first command: {line}")
        return found


def _without_blank_ends(lines: list[str]) -> tuple[str, ...] | None:
    text = "\n".join(lines).strip("\n")
    return tuple(text.split("\n")) if text.strip() else None


def blocks_of(page: Path) -> Iterator[Block]:
    """The blocks of a page in order.

    Raises ValueError for a mark with an unknown name or without a block.
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    marks: dict[str, str] = {}
    number = 0
    after_blank = True
    while number < len(lines):
        line = lines[number]
        start = number + 1
        fence = _FENCE.match(line)
        if line.strip().startswith("<!-- ") and (mark := _MARK.match(line.strip())):
            marks[mark[1]] = mark[2]
        elif fence and not fence[2].startswith(":"):
            indent, ticks, language = fence[1], fence[2], fence[3].strip()
            number += 1
            inside = []
            while number < len(lines) and not lines[number].strip().startswith(ticks):
                inside.append(lines[number].removeprefix(indent))
                number += 1
            yield Block(page, start, language or "text", "\n".join(inside) + "\n", marks)
            marks = {}
        elif line.startswith("    ") and after_blank:
            inside = []
            while number < len(lines) and (lines[number].startswith("    ") or not lines[number]):
                inside.append(lines[number][4:])
                number += 1
            number -= 1
            yield Block(page, start, "", "\n".join(inside).strip("\n") + "\n", marks)
            marks = {}
        elif marks and line.strip() and not line.strip().startswith("<!--"):
            raise ValueError(f"{page.name}:{start}: a mark without a block: {marks}")
        after_blank = not line.strip() or (after_blank and line.startswith("    "))
        number += 1
    if marks:
        raise ValueError(f"{page.name}: a mark without a block: {marks}")
