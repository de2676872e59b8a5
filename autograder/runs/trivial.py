"""Answers without the work: functions that return a constant, zeros or their first argument."""

from __future__ import annotations

import ast

from autograder.course.answers import WrittenAnswer
from autograder.course.source import NotebookBundle, SourceCell
from autograder.runs.rounds import Round

_FIRST = "next(iter([*args, *kwargs.values()]), None)"
RETURNS = {  # in words -> the returned expression
    "None": "None",
    "1": "1",
    "its first argument": _FIRST,
    "zeros": f"0 * {_FIRST}",
}


def trivial_rounds(bundle: NotebookBundle) -> dict[str, Round]:
    """For each trivial answer, in words, a round with this answer to every function exercise.

    The stub stands for classes.
    """
    exercises = [cell.exercise for cell in bundle.answers if _is_function(cell)]
    return {
        words: Round(wrong={name: _answer(name, words) for name in exercises})
        for words in RETURNS
        if exercises
    }


def _answer(exercise: str, words: str) -> WrittenAnswer:
    code = f"def {exercise}(*args, **kwargs):\n    return {RETURNS[words]}\n"
    return WrittenAnswer(f"{exercise}: {words}", exercise, words, code)


def _is_function(cell: SourceCell) -> bool:
    """Whether the reference answers this exercise with a function."""
    return any(
        isinstance(statement, ast.FunctionDef) and statement.name == cell.exercise
        for statement in ast.parse(cell.solution).body
    )
