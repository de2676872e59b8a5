"""Mistakes in files of misconceptions: keys, ids, and patches that do not fit the reference."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.course.misconceptions import patched
from autograder.course.source import SourceCell
from autograder.errors import SourceError
from autograder.lesson.check_module import EXERCISES
from autograder.mistakes.lesson import Lesson, LessonCell, named, nearest

FILE = "misconceptions.toml"
MAX_WORDS = 60  # of a sentence, which somebody reads at 2 a.m.
_TEXT, _LIST, _NUMBER = "text", "a list", "a whole number"
_TYPES: dict[str, type] = {_TEXT: str, _LIST: list, _NUMBER: int}
_FILE = {"misconception": _LIST}
_OLDER = {"notebook": _TEXT, "exercise": _TEXT} | _FILE
_ENTRY = {"id": _TEXT, "sentence": _TEXT, "patches": _LIST, "code": _TEXT}
_PATCH = {"find": _TEXT, "put": _TEXT, "count": _NUMBER}


def bank_mistakes(lesson: Lesson) -> Iterator[str]:
    """The mistakes in the banks of a lesson's exercises."""
    answers = {exercise: _answer(exercise, cell) for exercise, cell in lesson.answers.items()}
    for exercise in sorted(answers):
        path = lesson.folder / EXERCISES / exercise / FILE
        if path.is_file():
            yield from _of_file(path, _FILE, answers[exercise])
    for path in sorted((lesson.folder / "misconceptions").glob("*.toml")):
        data = _read(path)
        if isinstance(data, dict) and data.get("notebook") == lesson.name:
            exercise = str(data.get("exercise", ""))
            if exercise in answers:
                yield from _of_file(path, _OLDER, answers[exercise])
            else:
                yield (
                    f"{named(path)}: {lesson.name} has no exercise {exercise!r}."
                    f"{nearest(exercise, set(answers))}"
                )


def _answer(exercise: str, cell: LessonCell) -> SourceCell:
    return SourceCell(
        cell.index, cell.kind, cell.source, cell.grade_id, exercise, frozenset(),
        is_grade=False, is_solution=True, points=0.0,
    )  # fmt: skip


def homeless_banks(folder: Path, lessons: set[str]) -> Iterator[str]:
    """Files in an older folder of misconceptions that name no notebook."""
    for path in sorted((folder / "misconceptions").glob("*.toml")):
        data = _read(path)
        if isinstance(data, str):
            yield data
        elif data and data.get("notebook") not in lessons:
            name = str(data.get("notebook", ""))
            yield f"{named(path)}: there is no notebook {name!r}.{nearest(name, lessons)}"


def _read(path: Path) -> dict[str, Any] | str:
    """The file's data, or its mistake."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return f"{named(path)}: not TOML: {error}"


def _of_file(path: Path, keys: Mapping[str, str], answer: SourceCell) -> Iterator[str]:
    data = _read(path)
    if isinstance(data, str):
        yield data
        return
    yield from _wrong_keys(named(path), data, keys, required=("misconception",))
    entries = data.get("misconception", [])
    lines = [
        number
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*\[\[\s*misconception\s*\]\]", line)
    ]
    seen: set[str] = set()
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        line = f", line {lines[number]}" if number < len(lines) else f", entry {number + 1}"
        place = f"{named(path)}{line}"
        if not isinstance(entry, dict):
            yield f"{place}: an entry is a table [[misconception]]"
            continue
        name = str(entry.get("id", ""))
        place += f" ({name})" if name else ""
        if name and name in seen:
            yield f"{place}: the id {name} is used twice. Give one of them another name"
        seen.add(name)
        yield from _of_entry(path, place, entry, answer)


def _of_entry(
    path: Path, place: str, entry: Mapping[str, Any], answer: SourceCell
) -> Iterator[str]:
    wrong = list(_wrong_keys(place, entry, _ENTRY, required=("id", "sentence")))
    if "patches" in entry and "code" in entry:
        wrong.append(f"{place}: patches and code exclude each other. Keep one")
    if "patches" not in entry and "code" not in entry:
        wrong.append(
            f'{place}: patches is missing. Write patches = [{{ find = "...", put = "..." }}], '
            "which turns the reference into the wrong answer"
        )
    words = len(str(entry.get("sentence", "")).split())
    if words > MAX_WORDS:
        wrong.append(f"{place}: its sentence has {words} words; {MAX_WORDS} are the most")
    patches = entry.get("patches", [])
    for patch in patches if isinstance(patches, list) else []:
        if isinstance(patch, dict):
            wrong += _wrong_keys(f"{place}, patch", patch, _PATCH, required=("find", "put"))
        else:
            wrong.append(f'{place}: a patch is {{ find = "...", put = "..." }}')
    yield from wrong
    if wrong:
        return
    try:
        code = str(entry["code"]) if "code" in entry else patched(answer, dict(entry), path)
    except SourceError as error:
        said = str(error).partition(": ")[2].partition(": ")[2]
        yield f"{place}: {said}. Copy the text from the answer {answer.exercise}"
        return
    if said := _in_code(code, answer):
        yield f"{place}: {said}"


def _in_code(code: str, answer: SourceCell) -> str:
    """The mistake of a misconception's code; empty if it can be run."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        text = (error.text or "").strip()
        return f"its code is not Python: {error.msg}\n  {text}"
    if ast.dump(tree) == _dumped(answer.solution):
        return "its code is the reference itself. Change the patch, so that the answer is wrong"
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    if any(isinstance(one, kinds) and one.name == answer.exercise for one in tree.body):
        return ""
    stores = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    if any(isinstance(one.ctx, ast.Store) and one.id == answer.exercise for one in stores):
        return ""
    return f"its code does not define {answer.exercise}"


def _dumped(code: str) -> str:
    try:
        return ast.dump(ast.parse(code))
    except SyntaxError:  # told as a mistake of the lesson
        return ""


def _wrong_keys(
    place: str, table: Mapping[str, Any], keys: Mapping[str, str], required: tuple[str, ...]
) -> Iterator[str]:
    for key, value in table.items():
        if key not in keys:
            yield (
                f"{place}: there is no key {key}; known are {', '.join(keys)}."
                f"{nearest(key, set(keys))}"
            )
        elif not isinstance(value, _TYPES[keys[key]]) or isinstance(value, bool):
            yield f"{place}: {key} is {value!r}, expected {keys[key]}"
    for key in required:
        if key not in table:
            yield f"{place}: {key} is missing"
