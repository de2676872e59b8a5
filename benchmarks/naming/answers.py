"""The files of the measure: answers, and judgements of names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.naming.manifest import ManifestError, read_lines


@dataclass(frozen=True)
class Answer:
    """One answer of a student, and the mistakes that readers found in it."""

    id: str
    exercise: str
    code: str
    truth: tuple[str, ...] = ()

    def is_labelled(self, diagnosis: str) -> bool:
        """Whether a name is in the truth, with or without ``EXERCISE.`` before it."""
        prefix = f"{self.exercise}."
        return diagnosis.removeprefix(prefix) in {
            label.removeprefix(prefix) for label in self.truth
        }


def read_answers(path: Path) -> list[Answer]:
    """The answers in a file. Raises ManifestError for a malformed line or a repeated id."""
    found: dict[str, Answer] = {}
    for where, item in read_lines(path):
        for name in ("id", "exercise", "code"):
            if not isinstance(item.get(name), str):
                raise ManifestError(f"{where}: {name!r} is missing or no text")
        if item["id"] in found:
            raise ManifestError(f"{where}: the id {item['id']!r} is used twice")
        found[item["id"]] = Answer(
            item["id"], item["exercise"], item["code"], _truth(item.get("truth"), where)
        )
    return list(found.values())


def _truth(given: Any, where: str) -> tuple[str, ...]:
    if given is None:
        return ()
    labels = [given] if isinstance(given, str) else given
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ManifestError(f"{where}: 'truth' is no text, list of texts or null")
    return tuple(labels)


Judgements = dict[tuple[str, str], bool]


def read_judgements(path: Path) -> Judgements:
    """Whether a name is right, by the answer's id and the name. Raises ManifestError."""
    found: Judgements = {}
    for where, item in read_lines(path):
        key, right = (item.get("id"), item.get("diagnosis")), item.get("right")
        if not all(isinstance(part, str) for part in key) or not isinstance(right, bool):
            raise ManifestError(f"{where}: expected id, diagnosis and right (true or false)")
        if found.setdefault((str(key[0]), str(key[1])), right) is not right:
            raise ManifestError(f"{where}: {key[0]} is judged in two ways")
    return found
