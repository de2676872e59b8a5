"""Markers of regions: ``### BEGIN SOLUTION`` and its kin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from autograder.mistakes.lesson import Lesson, LessonCell

REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
_MARKERS = [f"{edge} {region}" for region in REGIONS for edge in ("BEGIN", "END")]
_COMMENT = re.compile(r"^\s*(#+)\s*([A-Za-z]+[ _-]?[A-Za-z _-]*?)\s*$")


def marker_mistakes(lesson: Lesson) -> Iterator[str]:
    """The mistakes in the markers of a lesson."""
    for cell in lesson.cells:
        yield from _misspelled(lesson, cell)
        for region in REGIONS:
            yield from _unpaired(lesson, cell, region)


def _misspelled(lesson: Lesson, cell: LessonCell) -> Iterator[str]:
    for number, line in enumerate(cell.source.splitlines(), 1):
        found = _COMMENT.match(line)
        if found is None:
            continue
        marks, words = found.groups()
        meant = get_close_matches(re.sub(r"[ _-]+", " ", words).upper(), _MARKERS, 1, cutoff=0.87)
        if not meant or line.strip() == f"### {meant[0]}":
            continue
        if lesson.is_older and meant[0] in line:  # nbgrader reads it
            continue
        if cell.kind == "markdown" and len(marks) < 3 and words != meant[0]:  # a heading
            continue
        yield (f"{lesson.place(cell, number)}: {line.strip()!r} is no marker. Write ### {meant[0]}")


def _unpaired(lesson: Lesson, cell: LessonCell, region: str) -> Iterator[str]:
    begin, end = f"BEGIN {region}", f"END {region}"
    opened = 0
    first = 0
    for number, line in enumerate(cell.source.splitlines(), 1):
        if begin in line:
            first = first or number
            if opened:
                yield (
                    f"{lesson.place(cell, number)}: a second ### {begin} before the ### {end} of "
                    "the first. Close each region before the next begins"
                )
            opened = number
        elif end in line:
            first = first or number
            if not opened:
                yield (
                    f"{lesson.place(cell, number)}: ### {end} without a ### {begin} above it in "
                    "this cell. Add it, or remove this line"
                )
            opened = 0
    if opened:
        yield (
            f"{lesson.place(cell, opened)}: ### {begin} without ### {end}. Write ### {end} below "
            "the region, in the same cell"
        )
    if first and (needs := _needed(cell, region)):
        yield f"{lesson.place(cell, first)}: {begin} stands in a cell that is no {needs}"


def _needed(cell: LessonCell, region: str) -> str:
    """The kind of cell that a region needs; empty if the cell is one."""
    if region == "SOLUTION":
        return "" if cell.facts.get("solution") else "answer and no question"
    if region == "HIDDEN TESTS":
        return "" if cell.is_graded else "test: hidden tests stand in exercises/NAME/check.py"
    return "" if cell.facts.get("task") else "task of nbgrader's"
