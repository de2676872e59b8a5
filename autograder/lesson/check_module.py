"""The hidden test of an exercise: the module ``check.py`` as the text of its graded cell."""

from __future__ import annotations

import ast
from pathlib import Path

from autograder.errors import SourceError
from autograder.lesson.shared_code import SharedCode

EXERCISES = "exercises"
CHECK = "check.py"
TEST = "test"
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_IF_DEFINED = "from autograder.checks import if_defined"


def check_path(assignment: Path, exercise: str) -> Path:
    """The path of an exercise's check in the source folder of an assignment."""
    return assignment / EXERCISES / exercise / CHECK


def graded_cell(path: Path, exercise: str, points: float, shared: SharedCode) -> str:
    """The source of the graded cell: a line for students, and the check as its hidden test.

    The hidden test is the module's text, with shared code copied in, and one call of its function
    ``test`` with the student's names. A parameter with the default None is None if the student has
    no such name. Raises SourceError, with file and line, if the module is
    missing, is not Python, or has no such function.
    """
    return cell_of_check(shared.text_with_copies(read_check(path)), path, exercise, points)


def cell_of_check(text: str, path: Path, exercise: str, points: float) -> str:
    """The source of the graded cell for the text of a check; ``path`` is for messages.

    Raises SourceError if the text is not Python or has no function ``test``.
    """
    needed, optional = _parameters(path, text)
    names = [*needed, *(f"if_defined(lambda: {name})" for name in optional)]
    imported = f"{_IF_DEFINED}\n" if optional else ""
    call = f"{imported}{TEST}({', '.join(names)}).worth({points:g})"
    return f"{visible_line(exercise, points)}\n{BEGIN}\n{text}\n\n{call}\n{END}"


def visible_line(exercise: str, points: float) -> str:
    """The line that students see in a graded cell."""
    unit = "point" if points == 1 else "points"
    return f"# {exercise}, {points:g} {unit}: hidden tests run here when your notebook is graded."


def check_of(source: str) -> str:
    """The text of the check in a graded cell: the inverse of ``graded_cell``.

    Empty if the cell holds no hidden test.
    """
    _, found, rest = source.partition(BEGIN + "\n")
    hidden = rest.partition(END)[0].rstrip()
    module, _, call = hidden.rpartition("\n")
    if not call.startswith(f"{TEST}("):
        module = hidden
    module = module.rstrip().removesuffix(_IF_DEFINED)
    return f"{module.rstrip()}\n" if found else ""


def read_check(path: Path) -> str:
    """The text of a check. Raises SourceError if the file is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8").strip("\n")
    except FileNotFoundError:
        where = "/".join(path.parts[-4:])
        raise SourceError(
            f"{where} is missing: the check of {path.parent.name}, with a function {TEST}"
        ) from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8: {error}") from error


def _parameters(path: Path, text: str) -> tuple[list[str], list[str]]:
    """The needed and the optional student's names that the function ``test`` takes."""
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise SourceError(f"{path}, line {error.lineno}: {error.msg}") from error
    found = [one for one in body if isinstance(one, ast.FunctionDef) and one.name == TEST]
    if len(found) != 1:
        raise SourceError(f"{path}: a check defines one function {TEST}, found {len(found)}")
    given = found[0].args
    optional = len(given.defaults)
    if (
        given.vararg
        or given.kwarg
        or given.kwonlyargs
        or given.posonlyargs
        or any(not _is_none(default) for default in given.defaults)
    ):
        raise SourceError(
            f"{path}, line {found[0].lineno}: the parameters of {TEST} are names of the "
            "student's, without stars; a name that may be missing has the default None"
        )
    names = [one.arg for one in given.args]
    return names[: len(names) - optional], names[len(names) - optional :]


def _is_none(default: ast.expr) -> bool:
    return isinstance(default, ast.Constant) and default.value is None
