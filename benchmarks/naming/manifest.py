"""The manifest: where the answers of other people stand, without their code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

Split = Literal["dev", "held-out"]

_DEV_PERCENT = 40
_FORMS = {
    "id": str, "repository": str, "commit": str, "path": str, "function": str, "sha256": str,
    "uses": dict, "exercise": str, "adapter": str, "python": int, "split": str, "labels": list,
}  # fmt: skip


class ManifestError(ValueError):
    """A line of a manifest or a label file that breaks a rule, with file and line."""


@dataclass(frozen=True)
class Row:
    """One answer: where its function stands, and how it becomes an answer to an exercise.

    README.md describes the fields.
    """

    id: str
    repository: str
    commit: str
    path: str
    function: str
    sha256: str
    exercise: str
    adapter: str
    split: Split
    uses: dict[str, str] = field(default_factory=dict)
    python: int = 3
    labels: list[str] = field(default_factory=list)


def digest(text: str) -> str:
    """The SHA-256 of a function's text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def split_of(repository: str) -> Split:
    """The split of all answers in a repository (``owner/name``); case does not count."""
    number = int(hashlib.sha256(repository.lower().encode()).hexdigest()[:8], 16)
    return "dev" if number % 100 < _DEV_PERCENT else "held-out"


def row_id(exercise: str, sha256: str) -> str:
    """The id of an answer."""
    return f"{exercise}-{sha256[:10]}"


def read_lines(path: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    """The objects in a file of JSON lines, each with its place for messages.

    Raises ManifestError for a line that is not a JSON object.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            found = json.loads(line)
        except ValueError as error:
            raise ManifestError(f"{where}: {error}") from error
        if not isinstance(found, dict):
            raise ManifestError(f"{where}: not an object")
        yield where, found


def write_lines(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    """Write objects as JSON lines."""
    lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in objects]
    path.write_text("".join(lines), encoding="utf-8")


def read_manifest(path: Path) -> list[Row]:
    """The rows of a manifest. Raises ManifestError for a row that breaks a rule."""
    rows: list[Row] = []
    seen: set[str] = set()
    for where, found in read_lines(path):
        if problem := _problem(found):
            raise ManifestError(f"{where}: {problem}")
        row = Row(**found)
        if row.id in seen:
            raise ManifestError(f"{where}: the id {row.id!r} is used twice")
        seen.add(row.id)
        rows.append(row)
    return rows


def write_manifest(path: Path, rows: Iterable[Row]) -> None:
    """Write a manifest, sorted by id."""
    write_lines(path, (asdict(row) for row in sorted(rows, key=lambda row: row.id)))


def _problem(found: dict[str, Any]) -> str:
    """The first rule that a row breaks, or an empty text."""
    for name, kind in _FORMS.items():
        if not isinstance(found.get(name), kind):
            return f"{name!r} is missing or no {kind.__name__}"
    if unknown := set(found) - set(_FORMS):
        return f"unknown fields: {', '.join(sorted(unknown))}"
    for name, length in (("commit", 40), ("sha256", 64)):
        text = found[name]
        if len(text) != length or set(text) - set("0123456789abcdef"):
            return f"{name!r} is not {length} hexadecimal digits"
    if found["split"] not in get_args(Split):
        return f"{found['split']!r} is no split"
    if found["split"] != split_of(found["repository"]):
        return f"{found['repository']} belongs to {split_of(found['repository'])}"
    if found["id"] != row_id(found["exercise"], found["sha256"]):
        return f"the id is not {row_id(found['exercise'], found['sha256'])}"
    return ""
