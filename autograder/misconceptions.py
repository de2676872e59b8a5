"""The bank of named wrong answers: small patches of the reference, with what a teacher would say."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bundle import NotebookBundle
from autograder.errors import SourceError


@dataclass(frozen=True)
class WrongAnswer:
    """One misconception of one exercise, as the code a student would hand in."""

    id: str  # exercise.name
    exercise: str
    sentence: str
    code: str

    def build(self, namespace: dict[str, Any]) -> Callable[..., Any]:
        """The wrong function or class, defined among the names it may use."""
        scope = dict(namespace)
        exec(compile(self.code, f"<misconception {self.id}>", "exec"), scope)
        function: Callable[..., Any] = scope[self.exercise]
        return function


def load_bank(bundle: NotebookBundle) -> list[WrongAnswer]:
    """All misconceptions of a notebook, in the order of their files.

    Raises SourceError for a file that does not fit the notebook.
    """
    folder = bundle.path.parent / "misconceptions"
    return [
        wrong
        for path in sorted(folder.glob("*.toml"))
        for wrong in _load_file(path, bundle)
    ]


def _load_file(path: Path, bundle: NotebookBundle) -> list[WrongAnswer]:
    with open(path, "rb") as file:
        try:
            data = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"{path}: {error}") from error
    if data.get("notebook") != bundle.name:
        return []
    exercise = data.get("exercise", "")
    answer = bundle.answer_for(exercise)
    if answer is None:
        raise SourceError(f"{path}: {bundle.name} has no exercise {exercise!r}")
    found = [
        WrongAnswer(
            id=f"{exercise}.{entry['id']}",
            exercise=exercise,
            sentence=" ".join(entry["sentence"].split()),
            code=entry["code"] if "code" in entry else _patched(answer.solution, entry, path),
        )
        for entry in data.get("misconception", [])
    ]
    ids = [wrong.id for wrong in found]
    if len(set(ids)) != len(ids):
        raise SourceError(f"{path}: an id is used twice")
    return found


def _patched(reference: str, entry: dict[str, Any], path: Path) -> str:
    code = reference
    for patch in entry["patches"]:
        wanted = patch.get("count", 1)
        if code.count(patch["find"]) != wanted:
            raise SourceError(
                f"{path}: {entry['id']}: {patch['find']!r} occurs {code.count(patch['find'])} "
                f"times in the reference, expected {wanted}"
            )
        code = code.replace(patch["find"], patch["put"])
    return code
