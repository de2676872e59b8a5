"""A new exercise in a lesson: its cells, and its folder with check, misconceptions and answers."""

from __future__ import annotations

import builtins
import re
from pathlib import Path

from autograder.atomic_write import write_whole
from autograder.authoring.templates import exercise_files, text_of
from autograder.course.layout import Course
from autograder.errors import SourceError, UsageError
from autograder.lesson.check_module import EXERCISES
from autograder.lesson.edited_cell import exercise_of, grade_id_of
from autograder.lesson.headers import is_header
from autograder.lesson.text import read_lesson
from autograder.pairing.edited_names import is_name
from autograder.pairing.pair import Pair

_OF_CHECKS = ("test", "make", "check", "reference", "draw", "length", "width")


def new_exercise(course: Course, notebook: str, name: str, after: str = "") -> list[Path]:
    """Add an exercise to the lesson ASSIGNMENT/NOTEBOOK; the paths of the written files.

    Its cells stand after the cells of the exercise ``after`` (default: of the last exercise). Edits
    of the lesson's notebook in JupyterLab are taken first. Raises UsageError for a name that is
    taken or cannot be used, before a file is written, and as ``Pair.bring_together``.
    """
    if problem := _problem(name):
        raise UsageError(f"{name!r} cannot name an exercise: {problem}")
    pair = Pair.named(course, notebook)
    folder = pair.path.parent / EXERCISES / name
    if folder.exists():
        raise UsageError(f"{folder} exists: choose another name, or delete that folder first")
    _refuse_taken(pair, name)
    pair.bring_together()
    text = pair.path.read_text(encoding="utf-8")
    lesson = _with_exercise(text, f"source/{pair.name}.py", name, after)
    module = re.sub(r"^\d+_", "", pair.path.stem)
    files = {
        folder / file: content
        for file, content in exercise_files(pair.path.parent.name, module, name).items()
    }
    files[pair.path] = lesson
    for path, content in files.items():
        write_whole(path, content)
    pair.bring_together()
    return list(files)


def _problem(name: str) -> str:
    """The reason why a name cannot be used; empty if it can."""
    if not is_name(name) or not name.isascii() or name.startswith("_"):
        return "it becomes a function, so use letters, digits and _, such as max_pool"
    if hasattr(builtins, name):
        return "it is a name of Python's own"
    if name in _OF_CHECKS:
        return f"the check of a new exercise uses it; {', '.join(_OF_CHECKS)} are not free"
    return ""


def _refuse_taken(pair: Pair, name: str) -> None:
    """Refuse a name that a lesson of the assignment uses for an exercise or as an id of a cell."""
    ids = {name, f"try_{name}", f"test_{name}"}
    for path in sorted(pair.path.parent.glob("[0-9]*_*.py")):
        where = f"source/{path.parent.name}/{path.name}"
        for cell in read_lesson(path.read_text(encoding="utf-8"), where).cells:
            if exercise_of(cell) == name or grade_id_of(cell) in ids:
                raise UsageError(f"{where} has an exercise or a cell named {name}: choose another")


def _with_exercise(text: str, where: str, name: str, after: str) -> str:
    """The text of a lesson with the cells of a new exercise."""
    cells = read_lesson(text, where).cells
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if is_header(line.rstrip("\n"))]
    if len(starts) != len(cells):
        raise SourceError(
            f"{where}: write `# %%` above the first line, so that each cell has a header"
        )
    exercises = [exercise_of(cell) for cell in cells]
    if after and after not in exercises:
        known = ", ".join(dict.fromkeys(filter(None, exercises))) or "none"
        raise UsageError(f"{where} has no exercise {after!r} to add one after (there: {known})")
    of_exercises = [
        index for index, one in enumerate(exercises) if (one == after if after else one)
    ]
    if of_exercises:
        position = of_exercises[-1] + 1
    else:
        ends = [i for i, cell in enumerate(cells) if "hand-in" in cell.metadata.get("tags", [])]
        position = ends[0] if ends else len(cells)
    line = starts[position] if position < len(starts) else len(lines)
    has_torch = re.search(r"^(import torch|import .*\btorch\b)", text, re.MULTILINE) is not None
    new = text_of("cells.py", name=name, heading=f"### `{name}`", has_torch=has_torch)
    above, below = "".join(lines[:line]).rstrip("\n"), "".join(lines[line:])
    gap = "\n\n\n" if _ends_in_block(above) else "\n\n"
    return f"{above}{gap}{new}\n{below}".rstrip("\n") + "\n" if above else f"{new}\n{below}"


def _ends_in_block(text: str) -> bool:
    """Whether the last line of a text is indented: two blank lines follow a definition."""
    return text.rpartition("\n")[2].startswith((" ", "\t"))
