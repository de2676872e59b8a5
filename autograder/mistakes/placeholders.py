"""Mistakes in placeholders: names that nothing fills in, and tables without rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.mistakes.lesson import Lesson, LessonCell, nearest

KNOWN = (
    "EXERCISES", "POINTS", "ABOUT", "HELP", "COLAB_URL", "GRADED_CELLS", "SECTIONS", "ASSIGNMENT",
    "NOTEBOOKS",
)  # fmt: skip
_OF_ONE = ("POINTS", "ABOUT")  # may take the name of an exercise or question
_ANY = re.compile(r"@([A-Z][A-Z_]+)(?::([\w-]+))?@")
_NUMBERED = re.compile(r"^#{1,3} +\d", re.MULTILINE)


def placeholder_mistakes(lesson: Lesson) -> Iterator[str]:
    """The mistakes in the placeholders of a lesson."""
    named = {_name(cell) for cell in lesson.cells if cell.facts}
    prose = [cell for cell in lesson.cells if cell.kind == "markdown"]
    has_parts = any(_NUMBERED.search(cell.source) for cell in prose)
    for cell in lesson.cells:
        for number, line in enumerate(cell.source.splitlines(), 1):
            for found in _ANY.finditer(line):
                kind, exercise = found.groups()
                place = f"{lesson.place(cell, number)}: {found[0]}"
                if kind not in KNOWN:
                    words = ", ".join(f"@{one}@" for one in KNOWN)
                    close = nearest(kind, set(KNOWN))
                    yield f"{place} is no placeholder; known are {words}.{close}"
                elif exercise and (kind not in _OF_ONE or exercise not in named):
                    yield f"{place}: {_missing(kind, exercise)}{nearest(exercise, named)}"
                elif kind == "ABOUT" and not exercise:
                    yield f"{place} needs a name, such as @ABOUT:corr2d@"
                elif kind == "EXERCISES" and not has_parts:
                    yield (
                        f"{place} would be a table without rows. Number the headings of the "
                        "exercises, such as ## 1 Slide a kernel"
                    )


def _missing(kind: str, exercise: str) -> str:
    if kind not in _OF_ONE:
        return f"{kind} takes no name."
    return f"this notebook has no exercise or question {exercise}."


def _name(cell: LessonCell) -> str:
    return cell.exercise or cell.grade_id
