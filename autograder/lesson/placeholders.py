"""Placeholders in a lesson's prose: points, totals, and the table of exercises."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from autograder.errors import SourceError

_PLACEHOLDER = re.compile(r"@(EXERCISES|POINTS|HELP|(?:POINTS|ABOUT):[\w-]+)@")
_HEADING = re.compile(r"^#{1,3} +(\d+(?:\.\d+)*\.? .*\S)", re.MULTILINE)


@dataclass
class _Part:
    """A numbered section of a lesson, with the work in it."""

    heading: str
    named: list[str] = field(default_factory=list)
    questions: int = 0
    points: float = 0.0
    minutes: float = 0.0
    levels: list[str] = field(default_factory=list)

    @property
    def work(self) -> str:
        parts = list(self.named)
        if self.questions:
            parts.append("a few sentences" + (" each" if self.questions > 1 else ""))
        return " and ".join(parts) or "nothing to hand in"


@dataclass
class _About:
    """Points, minutes and level of one exercise or question."""

    points: float = 0.0
    minutes: float = 0.0
    level: str = ""

    @property
    def words(self) -> str:
        said = [f"{self.points:g} point" + ("" if self.points == 1 else "s")]
        said += [f"about {self.minutes:g} minutes"] if self.minutes else []
        return ", ".join([*said, self.level] if self.level else said)


def fill_placeholders(notebook: NotebookNode, name: str, help_text: str) -> None:
    """Fill in the placeholders of a notebook's text cells, in place.

    ``name`` names the file in messages; ``help_text`` replaces ``@HELP@``. Raises SourceError for
    an exercise or question that the notebook does not have.
    """
    if not any(_PLACEHOLDER.search(cell.source) for cell in notebook.cells if _is_text(cell)):
        return
    parts, about = _read(notebook.cells)
    total = sum(one.points for one in about.values())
    texts: dict[str, Callable[[], str]] = {
        "EXERCISES": lambda: _PLACEHOLDER.sub(filled, _table(parts)),
        "POINTS": lambda: f"{total:g}",
        "HELP": lambda: help_text,
    }

    def filled(found: re.Match[str]) -> str:
        kind, _, exercise = found[1].partition(":")
        if not exercise:
            return texts[kind]()
        if exercise not in about:
            known = ", ".join(about)
            raise SourceError(
                f"{name}: {found[0]} names no exercise or question of this notebook; it has {known}"
            )
        one = about[exercise]
        return one.words if kind == "ABOUT" else f"{one.points:g}"

    for cell in notebook.cells:
        if _is_text(cell):
            cell.source = _PLACEHOLDER.sub(filled, cell.source)


def _is_text(cell: NotebookNode) -> bool:
    return str(cell.cell_type) == "markdown"


def _read(cells: Sequence[NotebookNode]) -> tuple[list[_Part], dict[str, _About]]:
    parts: list[_Part] = []
    about: dict[str, _About] = {}
    for cell in cells:
        facts = _facts(cell)
        if _is_text(cell):
            parts += [_Part(heading) for heading in _HEADING.findall(cell.source)]
        if not facts.get("grade") and not facts.get("solution"):
            continue
        part = parts[-1] if parts else _Part("")
        points = float(facts.get("points", 0) or 0)
        part.points += points
        part.minutes += cell.metadata.get("minutes", 0)
        part.levels += [cell.metadata["level"]] if "level" in cell.metadata else []
        name = _exercise(cell)
        one = about.setdefault(name, _About())
        one.points += points
        one.minutes += cell.metadata.get("minutes", 0)
        one.level = cell.metadata.get("level", one.level)
        if facts.get("grade") and facts.get("solution"):
            part.questions += 1
        elif facts.get("grade") and points:
            part.named.append(_label(cell))
    return parts, about


def _facts(cell: NotebookNode) -> dict[str, Any]:
    found: dict[str, Any] = cell.metadata.get("nbgrader", {})
    return found


def _exercise(cell: NotebookNode) -> str:
    return str(cell.metadata.get("exercise") or _facts(cell).get("grade_id", ""))


def _label(cell: NotebookNode) -> str:
    """The words for an exercise in the table: its check's title, or its name."""
    return str(cell.metadata.get("label", "")) or f"`{_exercise(cell)}`"


def _table(parts: Sequence[_Part]) -> str:
    """The table of the numbered sections, their work, points and minutes."""
    timed = any(part.minutes for part in parts)
    levelled = any(part.levels for part in parts)
    head = ["part", "you write", "points"]
    head += (["minutes"] if timed else []) + (["level"] if levelled else [])
    rows = [head, ["---"] * len(head)]
    for part in parts:
        row = [part.heading, part.work, f"{part.points:g}" if part.points else ""]
        row += [f"{part.minutes:g}" if part.minutes else ""] if timed else []
        row += [" to ".join(dict.fromkeys(part.levels))] if levelled else []
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |".replace("  |", " |") for row in rows)
