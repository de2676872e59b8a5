"""Results as they come: one small file a notebook, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import autograder
from autograder.bundle import NotebookBundle
from autograder.course import Course
from autograder.results import NotebookResult
from autograder.whole_file import write_whole


class ResultStore:
    """Keeps each result with the key of what it was made from, so that only changes are graded."""

    def __init__(self, course: Course) -> None:
        self._folder = course.state / "results"

    def load(self, assignment: str, student: str, notebook: str, key: str) -> NotebookResult | None:
        """The stored result, if it was made from the same things."""
        try:
            data = json.loads(self._path(assignment, student, notebook).read_text())
            if data["key"] != key:
                return None
            return NotebookResult.from_json(data["result"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never stored, cut short, or of another version: grade again

    def save(self, result: NotebookResult, key: str) -> None:
        """Store a result; after this returns it survives a kill."""
        path = self._path(result.assignment, result.student, result.notebook)
        write_whole(path, json.dumps({"key": key, "result": result.to_json()}))

    def _path(self, assignment: str, student: str, notebook: str) -> Path:
        return self._folder / assignment / student / f"{notebook}.json"


def engine_digest() -> str:
    """A digest of the engine's own code: another engine grades again."""
    digest = hashlib.sha256()
    root = Path(autograder.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def source_digest(bundle: NotebookBundle) -> str:
    """A digest of a notebook's source, of the code it shares and of its misconceptions."""
    digest = hashlib.sha256("\0".join(cell.source for cell in bundle.cells).encode())
    for path in (bundle.path, *sorted((bundle.path.parent / "misconceptions").glob("*.toml"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def result_key(*parts: str | bytes) -> str:
    """One key of everything a result is made from."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
