"""Mistakes in the names of exercises and in their ids: who belongs to whom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.lesson.check_module import CHECK, EXERCISES, check_path
from autograder.mistakes.lesson import Lesson, LessonCell, named, nearest

_NAME = re.compile(r"[\w-]+")
_NOTHING = "No answer and no check of this notebook has the name"


def exercise_mistakes(lesson: Lesson) -> Iterator[str]:
    """The mistakes of one lesson: names that nothing has, answers without a test, repeated ids."""
    judged = {cell.exercise for cell in lesson.cells if cell.is_judged}
    checks = {cell.exercise for cell in lesson.cells if cell.is_judged and cell.points}
    known = lesson.answers.keys() | checks
    for cell in lesson.cells:
        is_hint = "hint" in cell.metadata.get("tags", [])
        is_try = cell.is_judged and not cell.points
        if (is_hint or is_try) and cell.exercise and cell.exercise not in known:
            yield (
                f"{lesson.place(cell)}: there is no exercise {cell.exercise}. {_NOTHING}."
                f"{nearest(cell.exercise, known)}"
            )
    for exercise, cell in lesson.answers.items():
        yield from _untested(lesson, exercise, cell, judged, checks)
    yield from _repeated_ids(lesson)


def folder_mistakes(folder: Path, lessons: Sequence[Lesson]) -> Iterator[str]:
    """The mistakes of an assignment: folders and files of no exercise, exercises in two lessons."""
    owners: dict[str, LessonCell] = {}
    lesson_of: dict[str, Lesson] = {}
    for lesson in lessons:
        for exercise, cell in lesson.answers.items():
            if exercise in owners and not lesson.is_older:
                first = lesson_of[exercise].place(owners[exercise])
                yield (
                    f"{lesson.place(cell)}: the exercise {exercise} is in two notebooks, first "
                    f"in {first}. {EXERCISES}/{exercise} can serve one: rename the other"
                )
            owners.setdefault(exercise, cell)
            lesson_of.setdefault(exercise, lesson)
    known = owners.keys() | {
        cell.exercise for one in lessons for cell in one.cells if cell.is_judged and cell.points
    }
    for path in sorted((folder / EXERCISES).glob("*")):
        if path.is_dir() and path.name not in known and not path.name.startswith(("_", ".")):
            yield (
                f"{named(path)}: no notebook of {folder.name} has an exercise {path.name}. Rename "
                f"the folder, or remove it.{nearest(path.name, known)}"
            )
        elif path.is_file() and path.suffix in (".py", ".toml"):
            yield (
                f"{named(path)}: files of an exercise stand in a folder with its name, such as "
                f"{EXERCISES}/corr2d/{CHECK}. Move it"
            )


def _untested(
    lesson: Lesson, exercise: str, cell: LessonCell, judged: set[str], checks: set[str]
) -> Iterator[str]:
    if exercise in checks or (lesson.is_older and not cell.exercise):
        return
    path = check_path(lesson.folder, exercise)
    if path.is_file():
        yield (
            f"{lesson.place(cell)}: {exercise} scores nothing: {named(path)} is there, but no cell "
            f"runs it. Write a header # %% check {exercise} points=1 below the answer"
        )
    elif exercise not in judged:
        yield (
            f"{lesson.place(cell)}: {exercise} has no test. Write a header "
            f"# %% check {exercise} points=1 and the file {named(path)}, or a visible test "
            f"# %% try {exercise} if it is optional.{nearest(exercise, judged - {exercise})}"
        )


def _repeated_ids(lesson: Lesson) -> Iterator[str]:
    ids = Counter(cell.grade_id for cell in lesson.cells if cell.grade_id)
    first: dict[str, LessonCell] = {}
    for cell in lesson.cells:
        if cell.grade_id and _NAME.fullmatch(cell.grade_id) is None:
            yield (
                f"{lesson.place(cell)}: {cell.grade_id!r} is no name for nbgrader. Names have "
                "letters, digits, _ and -"
            )
        if ids[cell.grade_id] > 1:
            if cell.grade_id in first:
                yield (
                    f"{lesson.place(cell)}: the id {cell.grade_id} is used twice, first in "
                    f"{lesson.place(first[cell.grade_id])}. Give one of the cells another name"
                )
            first.setdefault(cell.grade_id, cell)
