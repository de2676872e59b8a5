"""Submitted notebooks in memory, up to a limit, so that few notebooks are read twice."""

from __future__ import annotations

from autograder.notebooks.notebook import NotebookContent
from autograder.submission.submission import Submission

ROOM_BYTES = 256 << 20


class Shelf:
    """Holds submitted notebooks until they are taken. A notebook without room is not kept."""

    def __init__(self, room_bytes: int | None = None) -> None:
        self._room = ROOM_BYTES if room_bytes is None else room_bytes
        self._kept: dict[tuple[str, str], tuple[NotebookContent | Submission, int]] = {}

    def put(self, student: str, notebook: str, held: NotebookContent | Submission) -> None:
        """Keep a notebook if there is room; an earlier version of it is dropped."""
        self.take(student, notebook)
        size = held.memory_bytes
        if size <= self._room:
            self._kept[student, notebook] = held, size
            self._room -= size

    def take(self, student: str, notebook: str) -> NotebookContent | Submission | None:
        """Take a notebook, which is not kept any longer; None if it was not kept."""
        held, size = self._kept.pop((student, notebook), (None, 0))
        self._room += size
        return held
