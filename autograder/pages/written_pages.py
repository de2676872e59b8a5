"""The results that the pages of a student were written from, so that only changed pages are new."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from autograder.atomic_write import write_whole
from autograder.course.layout import Course
from autograder.files.digests import PartsDigest
from autograder.records.recorded_grades import RecordedNotebook

_FOLDER = "pages"  # in ``.autograder``


def results_digest(notebooks: Sequence[Path], recorded: Mapping[str, RecordedNotebook]) -> str:
    """A digest of a student's results: autograded notebooks, points, comments and lateness.

    Times of files do not count: grading again writes the same notebooks anew.
    """
    rows = {name: asdict(one) for name, one in recorded.items()}
    texts = [part for path in notebooks for part in (path.name, _bytes_of(path))]
    return PartsDigest(json.dumps(rows, sort_keys=True, default=str), *texts).hex


class WrittenPages:
    """The digests of the results behind the pages of one course."""

    def __init__(self, course: Course) -> None:
        self._folder = course.state / _FOLDER

    def are_of(self, student: str, assignment: str, digest: str) -> bool:
        """Whether a student's pages were written from the results with this digest."""
        try:
            return self._path(student, assignment).read_text() == digest
        except (OSError, ValueError):
            return False

    def forget(self, student: str, assignment: str) -> None:
        """Forget a student's pages, before they are written."""
        self._path(student, assignment).unlink(missing_ok=True)

    def save(self, student: str, assignment: str, digest: str) -> None:
        """Remember that all pages of a student were written from these results."""
        write_whole(self._path(student, assignment), digest)

    def _path(self, student: str, assignment: str) -> Path:
        return self._folder / assignment / student / "digest"


def _bytes_of(path: Path) -> bytes:
    """The content of a file; empty if it cannot be read, which its page will tell."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
