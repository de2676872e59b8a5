"""Answers beside an exercise that test its check: right ones of other styles, and wrong ones.

``exercises/NAME/right.py`` and ``wrong.py`` hold complete answers, each in a cell with a title:

    # Text above the first title is a comment.

    # %% Windows by unfold
    def corr2d(X, K): ...

A right answer must earn all points of its exercise. A wrong answer must lose points there, and is
no misconception with a name of its own.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from autograder.course.source import NotebookBundle
from autograder.errors import SourceError
from autograder.lesson.check_module import EXERCISES
from autograder.lesson.headers import MARK, is_header

Kind = Literal["right", "wrong"]


@dataclass(frozen=True)
class WrittenAnswer:
    """One answer of an exercise, as the text of its cell."""

    id: str  # exercise/right.py: title
    exercise: str
    title: str
    code: str


def answers_path(assignment: Path, exercise: str, kind: Kind) -> Path:
    """The path of an exercise's right or wrong answers in the source folder of an assignment."""
    return assignment / EXERCISES / exercise / f"{kind}.py"


def load_answers(bundle: NotebookBundle, kind: Kind) -> list[WrittenAnswer]:
    """The right or the wrong answers to all exercises of a notebook, in the notebook's order.

    Raises SourceError for a file that is not in the format.
    """
    found: list[WrittenAnswer] = []
    for answer in bundle.answers:
        path = answers_path(bundle.path.parent, answer.exercise, kind)
        if path.is_file():
            found += read_answers(path, answer.exercise)
    return found


def read_answers(path: Path, exercise: str) -> list[WrittenAnswer]:
    """The answers in a file. Raises SourceError, with file and line, if one is malformed."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8: {error}") from error
    starts = [number for number, line in enumerate(lines) if is_header(line)]
    above = [line for line in lines[: starts[0] if starts else None] if line.strip()]
    if stray := next((line for line in above if not line.startswith("#")), None):
        raise SourceError(f"{path}: {stray!r} stands above the first `{MARK} TITLE`")
    found: dict[str, WrittenAnswer] = {}
    for start, end in pairwise([*starts, len(lines)]):
        title = lines[start].removeprefix(MARK).strip()
        code = "\n".join(lines[start + 1 : end])
        where = f"{path}, line {start + 1}"
        if not title:
            raise SourceError(f"{where}: an answer needs a title, such as `{MARK} two loops`")
        if title in found:
            raise SourceError(f"{where}: the title {title!r} is used twice")
        if problem := _problem(code, exercise, start + 1):
            raise SourceError(f"{path}, {problem}")
        name = f"{exercise}/{path.name}: {title}"
        found[title] = WrittenAnswer(name, exercise, title, code.strip("\n") + "\n")
    return list(found.values())


def _problem(code: str, exercise: str, lines_above: int) -> str:
    """The mistake in an answer's text, with its line; empty if there is none."""
    try:
        body = ast.parse(code).body
    except SyntaxError as error:
        return f"line {lines_above + (error.lineno or 1)}: {error.msg}"
    names = {name for statement in body for name in _defined(statement)}
    return "" if exercise in names else f"line {lines_above}: the answer does not define {exercise}"


def _defined(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a cell defines."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
