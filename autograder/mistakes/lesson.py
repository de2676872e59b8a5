"""A lesson as its author wrote it: cells with the lines of their headers, nothing filled in."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from autograder.course.source import ParsedSource
from autograder.lesson.headers import header_of, is_header
from autograder.lesson.text import is_older


@dataclass(frozen=True)
class LessonCell:
    """One cell; ``line`` is the line of its header, 0 if it is not known."""

    index: int
    kind: str  # "code", "markdown" or "raw"
    source: str
    metadata: Mapping[str, Any]
    line: int

    @property
    def facts(self) -> Mapping[str, Any]:
        """nbgrader's metadata."""
        found: Mapping[str, Any] = self.metadata.get("nbgrader", {})
        return found

    @property
    def grade_id(self) -> str:
        return str(self.facts.get("grade_id", ""))

    @property
    def exercise(self) -> str:
        return str(self.metadata.get("exercise", ""))

    @property
    def is_graded(self) -> bool:
        return bool(self.facts.get("grade"))

    @property
    def is_answer(self) -> bool:
        """A code cell in which the student writes an answer."""
        return self.kind == "code" and bool(self.facts.get("solution")) and not self.is_graded

    @property
    def is_judged(self) -> bool:
        """A check or a try."""
        return self.kind == "code" and self.is_graded and not self.facts.get("solution")

    @property
    def points(self) -> float:
        return float(self.facts.get("points", 0) or 0)

    @property
    def is_folded(self) -> bool:
        """Whether the first line of the source is the title, which the header holds."""
        return "cellView" in self.metadata and self.source.startswith("# @title ")

    @property
    def header(self) -> str:
        """The words of the header, such as ``answer corr2d``."""
        header = header_of("markdown" if self.kind == "markdown" else "code", self.metadata, "")
        title = self.source.partition("\n")[0][9:].partition(" {")[0] if self.is_folded else ""
        words = [*header.kinds, header.name, f'"{title}"' if title else ""]
        plain = "text" if self.kind == "markdown" else self.kind
        return " ".join(word for word in words if word) or plain

    @cached_property
    def tree(self) -> ast.Module:
        """The code of the cell. Raises SyntaxError."""
        return ast.parse(self.plain)

    @property
    def plain(self) -> str:
        """The code without IPython's commands, line for line; empty for a cell of another program.

        A cell without code is empty, too.
        """
        if self.kind != "code" or self.source.lstrip().startswith("%%"):
            return ""
        return str(TransformerManager().transform_cell(self.source))

    @cached_property
    def defined(self) -> frozenset[str]:
        """The names that the cell defines for later cells; none if it is not Python."""
        return names_defined(self.plain)

    @property
    def has_star(self) -> bool:
        """Whether the cell imports names that only a run can tell."""
        try:
            nodes = list(ast.walk(self.tree))
        except SyntaxError:
            return True
        return any(
            isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
            for node in nodes
        )


def names_defined(source: str) -> frozenset[str]:
    """The names that code defines at its top level; none if it is not Python."""
    try:
        return frozenset(_defined(symtable.symtable(source, "<cell>", "exec")))
    except SyntaxError:
        return frozenset()


def _defined(table: symtable.SymbolTable) -> Iterator[str]:
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        made = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
        if made and (is_module or symbol.is_declared_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _defined(child)


@dataclass(frozen=True)
class Lesson:
    """One file with a lesson. ``is_older``: it has jupytext's own headers."""

    parsed: ParsedSource
    cells: tuple[LessonCell, ...]
    is_older: bool

    @classmethod
    def read(cls, path: Path) -> Lesson:
        """Read a lesson. Raises SourceError for headers outside the grammar."""
        parsed = ParsedSource.read(path)
        text, found = parsed.text, parsed.notebook.cells
        lines = _header_lines(text)
        if len(lines) != len(found):  # a line in a string looks like a header
            lines = [0] * len(found)
        cells = tuple(
            LessonCell(index, cell.cell_type, cell.source, cell.metadata, line)
            for index, (cell, line) in enumerate(zip(found, lines, strict=True))
        )
        return cls(parsed, cells, is_older(text))

    @property
    def path(self) -> Path:
        return self.parsed.path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def folder(self) -> Path:
        """The source folder of the assignment."""
        return self.path.parent

    @cached_property
    def answers(self) -> dict[str, LessonCell]:
        """The cells that students answer, by exercise."""
        return {cell.exercise or cell.grade_id: cell for cell in self.cells if cell.is_answer}

    @cached_property
    def defined(self) -> frozenset[str]:
        """The names that the cells define."""
        return frozenset(name for cell in self.cells for name in cell.defined)

    def place(self, cell: LessonCell, line: int = 0) -> str:
        """The words for a cell, or for a line of its source, counted from 1."""
        if not cell.line:
            return f"{named(self.path)}, cell {cell.index} ({cell.header})"
        at = cell.line + (line - 1 if line and cell.is_folded else line)
        return f"{named(self.path)}, line {at} ({cell.header})"


def _header_lines(text: str) -> list[int]:
    """The line of each cell's header; 0 for text above the first header."""
    lines = text.split("\n")
    found = [number for number, line in enumerate(lines, 1) if is_header(line)]
    above = lines[: found[0] - 1] if found else lines
    if is_older(text):
        above = "\n".join(above).partition("\n# ---")[2].split("\n")
    return [*([0] if any(line.strip() for line in above) else []), *found]


def named(path: Path) -> str:
    """The path of a file in a source folder, from ``source`` on."""
    parts = path.parts
    last = len(parts) - 1 - parts[::-1].index("source") if "source" in parts else 0
    return "/".join(parts[last:])


def nearest(name: str, known: Iterator[str] | frozenset[str] | set[str] | list[str]) -> str:
    """A question that suggests a known name, with a space before it; empty if none is close."""
    close = get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""
