"""Mistakes in code: syntax, and names in a hidden test that nothing defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from autograder.lesson.check_module import TEST, check_path
from autograder.lesson.free_names import names_of_source
from autograder.mistakes.lesson import Lesson, LessonCell, named, nearest

ANSWERS = ("right.py", "wrong.py")  # beside a check: answers that must pass, and must lose points


def syntax_mistakes(lesson: Lesson) -> Iterator[str]:
    """Cells of a lesson that are not Python."""
    for cell in lesson.cells:
        try:
            cell.tree  # noqa: B018 # parses
        except SyntaxError as error:
            said = _in_words(error)
            yield f"{lesson.place(cell, error.lineno or 0)}: not Python: {said}"


def check_mistakes(lesson: Lesson) -> Iterator[str]:
    """Mistakes in the modules with the hidden tests and the answers of a lesson."""
    for cell in lesson.cells:
        if cell.is_judged and cell.points and not cell.source.strip():
            yield from _of_check(lesson, cell, check_path(lesson.folder, cell.exercise))
    for exercise in lesson.answers:
        for name in ANSWERS:
            path = check_path(lesson.folder, exercise).with_name(name)
            if path.is_file() and (said := _syntax(path)):
                yield said


def hidden_name_mistakes(lesson: Lesson, defined: set[str]) -> Iterator[str]:
    """Names in test cells that are not ``defined``: by no cell and by no shared code in one.

    The hidden tests of older lessons stand in these cells and may use all names of the notebook.
    """
    if any(cell.has_star for cell in lesson.cells):
        return
    known = lesson.defined | defined | _SHELL
    for cell in lesson.cells:
        if cell.is_judged:
            for name, line in _undefined(cell.plain, known):
                yield (
                    f"{lesson.place(cell, line)}: {name} is not defined in this notebook."
                    f"{nearest(name, known)}"
                )


_SHELL = frozenset({"display", "get_ipython", "In", "Out", "_"})


def _of_check(lesson: Lesson, cell: LessonCell, path: Path) -> Iterator[str]:
    exercise = cell.exercise
    if not path.is_file():
        yield (
            f"{lesson.place(cell)}: {named(path)} is missing. Write it, with a function "
            f"{TEST}({exercise}) that returns check(...), or correct the name."
            f"{nearest(exercise, set(lesson.answers) - {exercise})}"
        )
        return
    if said := _syntax(path):
        yield said
        return
    text = path.read_text(encoding="utf-8")
    body = ast.parse(text).body
    tests = [one for one in body if isinstance(one, ast.FunctionDef) and one.name == TEST]
    if not tests:
        other = [one.name for one in body if isinstance(one, ast.FunctionDef)]
        yield (
            f"{named(path)}: there is no function {TEST}. Write def {TEST}({exercise}): that "
            f"returns check(...).{nearest(TEST, other)}"
        )
    for test in tests[1:]:
        yield f"{named(path)}, line {test.lineno}: a second function {TEST}. Keep one"
    for test in tests[:1]:
        if not any(isinstance(one, ast.Return) and one.value for one in ast.walk(test)):
            yield (
                f"{named(path)}, line {test.lineno}: {TEST} returns nothing, so every answer "
                "would pass. Write return before check(...)"
            )
        yield from _parameters(lesson, path, test)
    if not any(isinstance(one, ast.ImportFrom) and one.names[0].name == "*" for one in body):
        for name, line in _undefined(text, frozenset()):
            defined = {alias.asname or alias.name for one in body for alias in _aliases(one)}
            yield (
                f"{named(path)}, line {line}: {name} is not defined in this file. Import it here, "
                f"or make it a parameter of {TEST} if it is the student's.{nearest(name, defined)}"
            )


def _aliases(node: ast.stmt) -> list[ast.alias]:
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else []


def _parameters(lesson: Lesson, path: Path, test: ast.FunctionDef) -> Iterator[str]:
    if any(cell.has_star for cell in lesson.cells):
        return
    given = test.args
    needed = [*given.posonlyargs, *given.args][: len(given.args) - len(given.defaults)]
    for parameter in needed:
        if parameter.arg not in lesson.defined:
            yield (
                f"{named(path)}, line {test.lineno}: {TEST} takes {parameter.arg}, which no cell "
                f"of {lesson.name} defines.{nearest(parameter.arg, lesson.defined)}"
            )


def _syntax(path: Path) -> str:
    """The first mistake of a module's syntax; empty if it is Python."""
    try:
        ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        return f"{named(path)}, line {error.lineno}: not Python: {_in_words(error)}"
    except UnicodeDecodeError as error:
        return f"{named(path)}: not UTF-8: {error.reason}. Save it as UTF-8"
    return ""


def _in_words(error: SyntaxError) -> str:
    text = (error.text or "").strip()
    return f"{error.msg}\n  {text}" if text else str(error.msg)


def _undefined(source: str, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Names that code reads and nothing defines, with the line of the first."""
    try:
        free = names_of_source(source, "<cell>") - known - {"__file__", "__name__", "__doc__"}
    except SyntaxError:
        return
    for name in sorted(free):
        lines = [
            node.lineno
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Name) and node.id == name
        ]
        yield name, min(lines, default=0)
