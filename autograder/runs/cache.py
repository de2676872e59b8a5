"""The cache of results: one small file for each notebook, written completely or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import autograder
from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.results import NotebookResult

# Rooms and modules that no verdict depends on: they select, record or show results. A worker must
# not import anything from this list; a test checks that.
NOT_GRADING = frozenset(
    {
        "__main__", "atomic_write", "cli", "interrupts", "nbgrader_export", "nbgrader_hooks",
        "nbgrader_names", "nbgrader_plugin", "page", "pages", "records", "release", "runs.cache",
        "runs.class_run", "runs.lock", "runs.log", "runs.pool", "runs.rounds", "runs.simulate",
        "runs.stand_in", "runs.verify", "sandbox.affinity", "sandbox.isolation", "stand_in",
        "submission.archive", "submission.archive_entries", "submission.beside",
        "submission.file_kinds", "submission.folder", "submission.folder_files",
        "submission.found_file", "submission.hand_in_time", "submission.metered",
        "submission.own_pictures", "submission.reading_budget", "submission.recognition",
        "submission.student_folders", "submission.unused_files",
    }
)  # fmt: skip
_LIBRARIES = ("numpy", "torch", "ipython")


class ResultStore:
    """Stores each result with a key of its inputs, so that a run grades only changed notebooks."""

    def __init__(self, course: Course) -> None:
        self._folder = course.state / "results"

    def load(self, assignment: str, student: str, notebook: str, key: str) -> NotebookResult | None:
        """The stored result, if it has the same key."""
        try:
            data = json.loads(self._path(assignment, student, notebook).read_text())
            if data["key"] != key:
                return None
            return NotebookResult.from_json(data["result"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # missing, cut short, or of another version: grade again

    def files_of(self, assignment: str, student: str, notebook: str) -> str | None:
        """The digest of the files behind the stored result.

        None if there is no result, an empty text if an older version stored it.
        """
        try:
            data = json.loads(self._path(assignment, student, notebook).read_text())
            return str(data["result"].get("handed_in", ""))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def save(self, result: NotebookResult, key: str) -> None:
        """Store a result; after the return it survives a kill."""
        path = self._path(result.assignment, result.student, result.notebook)
        write_whole(path, json.dumps({"key": key, "result": result.to_json()}))

    def _path(self, assignment: str, student: str, notebook: str) -> Path:
        return self._folder / assignment / student / f"{notebook}.json"


def engine_digest() -> str:
    """A digest of the grading code: the engine, Python, and the libraries that compute."""
    root = Path(autograder.__file__).parent
    paths = [path for path in sorted(root.rglob("*.py")) if _grades(path.relative_to(root))]
    versions = [f"{name} {version(name)}" for name in _LIBRARIES]
    return result_key(sys.version, *versions, *(path.read_bytes() for path in paths))


def _grades(path: Path) -> bool:
    """Whether a verdict depends on a module, by its path in the package."""
    return NOT_GRADING.isdisjoint(
        (path.with_suffix("").parts[0], ".".join(path.with_suffix("").parts))
    )


def source_digest(bundle: NotebookBundle) -> str:
    """A digest of the course's part of a notebook.

    It covers the notebook's source with its shared code, the misconceptions and data files of its
    assignment, and the reference modules that tests may import.
    """
    folder = bundle.path.parent
    named = set(re.findall(r"\w+", "\n".join(cell.source for cell in bundle.tests)))
    references = (folder.parent.parent / "solutions").rglob("*.py")
    paths = [bundle.path]
    paths += sorted(path for path in folder.rglob("*") if _is_data(path))
    paths += sorted(path for path in references if path.stem in named)
    cells = (cell.source for cell in bundle.cells)
    return result_key(*cells, *(path.read_bytes() for path in paths))


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix not in (".py", ".pyc") and not path.name.startswith(".")


def files_digest(data: bytes, files: Mapping[str, bytes]) -> str:
    """A digest of a notebook's bytes and of the files beside it, with their names."""
    return result_key(data, *_flat(sorted(files.items())))


def _flat(pairs: Iterable[tuple[str, bytes]]) -> Iterable[str | bytes]:
    for name, data in pairs:
        yield name
        yield data


def result_key(*parts: str | bytes) -> str:
    """One key of all inputs of a result."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
