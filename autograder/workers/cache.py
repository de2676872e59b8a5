"""The cache of results: one small file for each notebook, written completely or not at all."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import autograder
from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.files.digests import PartsDigest
from autograder.results import NotebookResult, StoredResult

# Rooms and modules that no verdict depends on: they select, record or show results. A worker must
# not import anything from this list; a test checks that.
NOT_GRADING = frozenset(
    {
        "__main__", "atomic_write", "cli", "course.answers", "files.archive",
        "files.archive_entries",
        "files.file_kinds", "files.folder_files", "files.found_file", "files.hand_in_time",
        "files.metered", "files.own_pictures", "files.student_folders", "files.unused_files",
        "interrupts", "mistakes", "nbgrader_api", "nbgrader_export", "nbgrader_hooks",
        "nbgrader_names", "nbgrader_plugin", "page", "pages", "reading_budget", "records",
        "registration", "release", "rendering", "runs", "sandbox.affinity", "stand_in",
        "submission.beside", "submission.folder", "submission.recognition", "workers.cache",
        "workers.pool", "workers.shelf",
        "authoring", "lesson.edited_cell", "lesson.hidden_region", "pairing",
        "collect", "exports", "gradescope", "lateness", "people", "questions", "received", "report",
    }
)  # fmt: skip
_LIBRARIES = ("numpy", "torch", "ipython")


@dataclass(frozen=True)
class Stored:
    """A stored result, and the digest of the files behind it.

    ``files`` is None if there is no result, and empty if an older version stored it.
    """

    files: str | None = None
    result: NotebookResult | None = None


class ResultStore:
    """Stores each result with a key of its inputs, so that a run grades only changed notebooks.

    ``folder`` is the store's place in ``.autograder``; recorded results are in ``results``.
    """

    def __init__(self, course: Course, folder: str = "results") -> None:
        self._folder = course.state / folder

    def all(self, assignment: str) -> list[StoredResult]:
        """All results of an assignment, by student and notebook, also for older files or courses.

        Results that are damaged or of another version are left out.
        """
        found: list[StoredResult] = []
        for path in sorted((self._folder / assignment).glob("*/*.json")):
            with contextlib.suppress(OSError, ValueError):
                found.append(StoredResult.from_json(path.read_bytes()))
        return found

    def clear(self, assignment: str) -> None:
        """Remove all results of an assignment."""
        shutil.rmtree(self._folder / assignment, ignore_errors=True)

    def find(self, assignment: str, student: str, notebook: str, key: str) -> Stored:
        """The stored result if it has the same key, and in any case its files."""
        try:
            text = self._path(assignment, student, notebook).read_bytes()
            data = json.loads(text)
            files = str(data["result"].get("handed_in", ""))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Stored()
        try:
            stored = StoredResult.from_json(text)
        except ValueError:
            return Stored(files)  # damaged or of another version: grade again
        return Stored(files, stored.result if stored.key == key else None)

    def last(self, assignment: str, student: str, notebook: str) -> StoredResult | None:
        """The stored result with any key; None if there is none, or if it cannot be read."""
        try:
            return StoredResult.from_json(self._path(assignment, student, notebook).read_bytes())
        except (OSError, ValueError):
            return None

    def save(self, result: NotebookResult, key: str) -> None:
        """Store a result; after the return it survives a kill."""
        path = self._path(result.assignment, result.student, result.notebook)
        write_whole(path, StoredResult(key, result).to_json())

    def _path(self, assignment: str, student: str, notebook: str) -> Path:
        return self._folder / assignment / student / f"{notebook}.json"


def engine_digest() -> str:
    """A digest of the grading code: the engine, Python, and the libraries that compute."""
    root = Path(autograder.__file__).parent
    files = sorted(path for kind in ("py", "j2", "toml") for path in root.rglob(f"*.{kind}"))
    paths = [path for path in files if _grades(path.relative_to(root))]
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
    tests = "\n".join(cell.source for cell in (*bundle.tests, *bundle.tries))
    named = set(re.findall(r"\w+", tests))
    references = (folder.parent.parent / "solutions").rglob("*.py")
    paths = sorted(path for path in folder.rglob("*") if _is_data(path))
    paths += sorted(path for path in references if path.stem in named)
    cells = (cell.source for cell in bundle.cells)
    return result_key(*cells, bundle.data, *(path.read_bytes() for path in paths))


def _is_data(path: Path) -> bool:
    ignored = (".py", ".pyc", ".ipynb")
    return path.is_file() and path.suffix not in ignored and not path.name.startswith(".")


def result_key(*parts: str | bytes) -> str:
    """One key for all the parts that a result is made from."""
    return PartsDigest(*parts).hex
