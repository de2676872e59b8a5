"""The exercises of cells whose kinds and ids were set with nbgrader's cell toolbar."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterable, Mapping

from nbformat import NotebookNode

from autograder.lesson.check_module import TEST
from autograder.lesson.edited_cell import exercise_of, grade_id_of, is_answer, is_test
from autograder.lesson.hidden_region import HiddenRegion


def is_name(text: str) -> bool:
    """Whether a text can name an exercise: an identifier of Python."""
    return text.isidentifier() and not keyword.iskeyword(text)


class Names:
    """Gives each answer and test the name of its exercise, which the toolbar does not know.

    An id that the lesson states is kept. Else the id says the name: ``corr2d``, ``try_corr2d``,
    ``test_corr2d``. A changed id renames the exercise.
    """

    def __init__(self, before: Iterable[NotebookNode], checks: Collection[str]) -> None:
        self._stated = {(exercise_of(cell), grade_id_of(cell)) for cell in before}
        self._checks = checks

    def give(self, cells: list[NotebookNode]) -> Mapping[str, str]:
        """Set ``exercise`` in the cells' metadata; the renamed exercises, old name to new."""
        answers = [cell for cell in cells if is_answer(cell)]
        for cell in answers:
            _set(cell, self._of_answer(cell))
        known = [exercise_of(cell) for cell in answers]
        renamed: dict[str, str] = {}
        last = ""
        for cell in cells:
            if is_answer(cell):
                last = exercise_of(cell)
            elif is_test(cell):
                old = exercise_of(cell)
                _set(cell, self._of_test(cell, known, last))
                if old in self._checks and old != exercise_of(cell):
                    renamed[old] = exercise_of(cell)
        used = {exercise_of(cell) for cell in cells if is_test(cell)}
        return {
            old: new
            for old, new in renamed.items()
            if old not in used and new not in self._checks and is_name(new)
        }

    def _of_answer(self, cell: NotebookNode) -> str:
        named, grade_id = exercise_of(cell), grade_id_of(cell)
        if named and (named, grade_id) in self._stated:
            return named
        if is_name(grade_id):
            return grade_id
        return named or _defined(cell.source)

    def _of_test(self, cell: NotebookNode, known: Collection[str], last: str) -> str:
        named, grade_id = exercise_of(cell), grade_id_of(cell)
        if named and (named, grade_id) in self._stated:
            return named
        stem = grade_id.removeprefix("test_").removeprefix("try_")
        if stem in known or (is_name(stem) and stem != grade_id and not known):
            return stem
        if named in known:
            return named
        wanted = _parameters(HiddenRegion.of(cell.source).module)
        return next((name for name in wanted if name in known), "") or last or stem


def _set(cell: NotebookNode, exercise: str) -> None:
    if exercise:
        cell.metadata["exercise"] = exercise


def _defined(source: str) -> str:
    """The first function or class that a cell defines."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return ""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return next((one.name for one in body if isinstance(one, kinds)), "")


def _parameters(module: str) -> list[str]:
    """The parameters of the function ``test`` in hidden tests."""
    try:
        body = ast.parse(module).body
    except SyntaxError:
        return []
    found = [one for one in body if isinstance(one, ast.FunctionDef) and one.name == TEST]
    return [one.arg for function in found for one in function.args.args]
