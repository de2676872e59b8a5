"""The bank of misconceptions: patches of the reference, with a teacher's sentence for each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.source import NotebookBundle, SourceCell
from autograder.errors import SourceError
from autograder.lesson.check_module import EXERCISES


@dataclass(frozen=True)
class WrongAnswer:
    """One misconception of one exercise, as the code of a student's answer."""

    id: str  # exercise.name
    exercise: str
    sentence: str
    code: str
    patches: tuple[dict[str, Any], ...] = ()  # of the reference; empty if ``code`` was given whole

    def build(self, namespace: dict[str, Any]) -> Callable[..., Any]:
        """The wrong function or class, defined among the names that it may use."""
        scope = dict(namespace)
        exec(compile(self.code, f"<misconception {self.id}>", "exec"), scope)
        function: Callable[..., Any] = scope[self.exercise]
        return function


def load_bank(bundle: NotebookBundle) -> list[WrongAnswer]:
    """All misconceptions of a notebook, in the order of their files.

    Raises SourceError for a file that does not fit the notebook.
    """
    folder, exercises = bundle.path.parent, sorted({cell.exercise for cell in bundle.answers})
    found = [
        wrong
        for exercise in exercises
        if (path := folder / EXERCISES / exercise / "misconceptions.toml").is_file()
        for wrong in _load_file(path, bundle, exercise)
    ]
    older = sorted((folder / "misconceptions").glob("*.toml"))
    return found + [wrong for path in older for wrong in _load_file(path, bundle)]


def _load_file(path: Path, bundle: NotebookBundle, exercise: str = "") -> list[WrongAnswer]:
    """The misconceptions in a file.

    A file without ``exercise``, in the older folder of an assignment, names notebook and exercise.
    """
    with open(path, "rb") as file:
        try:
            data = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"{path}: {error}") from error
    if not exercise:
        if data.get("notebook") != bundle.name:
            return []
        exercise = data.get("exercise", "")
    answer = bundle.answer_for(exercise)
    if answer is None:
        raise SourceError(f"{path}: {bundle.name} has no exercise {exercise!r}")
    try:
        found = [
            WrongAnswer(
                id=f"{exercise}.{entry['id']}",
                exercise=exercise,
                sentence=" ".join(entry["sentence"].split()),
                code=entry["code"] if "code" in entry else patched(answer, entry, path),
                patches=() if "code" in entry else tuple(entry["patches"]),
            )
            for entry in data.get("misconception", [])
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path}: an entry lacks something or is malformed: {error!r}") from error
    ids = [wrong.id for wrong in found]
    if len(set(ids)) != len(ids):
        raise SourceError(f"{path}: an id is used twice")
    return found


def joined(answer: SourceCell, first: WrongAnswer, second: WrongAnswer) -> WrongAnswer | None:
    """The reference with the patches of both, or None if they do not fit together."""
    if not (first.patches and second.patches):
        return None
    for one, other in ((first, second), (second, first)):
        name = f"{one.id}+{other.id.rpartition('.')[2]}"
        entry = {"id": name, "patches": [*one.patches, *other.patches]}
        try:
            code = patched(answer, entry, Path("bank"))
        except SourceError:
            continue
        return WrongAnswer(name, one.exercise, "", code)
    return None


def patched(answer: SourceCell, entry: dict[str, Any], path: Path) -> str:
    """The reference with the patches in its body or, if they ask for it, in its ``def`` line."""
    head, body = answer.head_and_body
    for patch in entry["patches"]:
        wanted = patch.get("count", 1)
        in_body, in_head = body.count(patch["find"]), head.count(patch["find"])
        if in_body == wanted:
            body = body.replace(patch["find"], patch["put"])
        elif in_body == 0 and in_head == wanted:
            head = head.replace(patch["find"], patch["put"])
        else:
            raise SourceError(
                f"{path}: {entry['id']}: {patch['find']!r} occurs {in_body} times in the body of "
                f"the reference, expected {wanted}"
            )
    return head + body
