"""A new assignment: a small lesson with one exercise, and a course around it if there is none."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from autograder.atomic_write import write_whole
from autograder.authoring.templates import exercise_files, text_of
from autograder.course.layout import CONFIG_NAME, Course
from autograder.errors import UsageError
from autograder.lesson.check_module import EXERCISES
from autograder.lesson.shared_code import FOLDER

FIRST_EXERCISE = "window_sums"


def new_assignment(start: Path, name: str) -> list[Path]:
    """Write a new assignment; the paths of the written files.

    ``start`` is a folder in a course, or the folder of a new course. Raises UsageError for a name
    that cannot be used, before a file is written.
    """
    problem = _problem(name)
    if problem:
        raise UsageError(f"{name!r} cannot name an assignment: {problem}")
    course = _course_at(start)
    root = course.root if course else start.resolve()
    folder = root / "source" / name
    if folder.exists():
        raise UsageError(
            f"the assignment {name!r} exists, in {folder}: choose another name, or add an exercise "
            f"to it with `autograder new exercise {name}/NOTEBOOK NAME`"
        )
    files: dict[Path, str] = {}
    if course is None:
        course_id = re.sub(r"[^\w-]+", "-", root.name).strip("-") or "course"
        files[root / CONFIG_NAME] = text_of("nbgrader_config.py", course_id=course_id)
        if not (root / ".gitignore").exists():
            files[root / ".gitignore"] = text_of("gitignore")
    notebook = f"01_{name}"
    cells = text_of(
        "cells.py", name=FIRST_EXERCISE, heading="## 1 Sums of neighbours", has_torch=True
    )
    title = name.replace("_", " ").capitalize()
    lesson = text_of("lesson.py", title=title, notebook=notebook, cells=cells)
    files[folder / f"{notebook}.py"] = lesson
    for file, text in exercise_files(name, name, FIRST_EXERCISE).items():
        files[folder / EXERCISES / FIRST_EXERCISE / file] = text
    for path, text in files.items():
        write_whole(path, text)
    return list(files)


def _problem(name: str) -> str:
    """The reason why a name cannot be used; empty if it can."""
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        return "use letters, digits and _, beginning with a letter, such as week_1"
    if keyword.iskeyword(name):
        return "it is a word of Python's, and the name becomes a package"
    if name == FOLDER:
        return f"source/{FOLDER}/ is for code that several notebooks share"
    return ""


def _course_at(start: Path) -> Course | None:
    here = start.resolve()
    if any((folder / CONFIG_NAME).is_file() for folder in (here, *here.parents)):
        return Course.find(start)
    return None
