"""A student's folder that holds nothing but plain files under their expected names."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.source import NotebookBundle
from autograder.files.digests import files_digest
from autograder.files.file_kinds import WEIGHTS
from autograder.files.hand_in_time import FILE as TIME_FILE
from autograder.notebooks.notebook import MAX_BYTES
from autograder.results import storable

MAX_ENTRIES = 100
MAX_BESIDE = 64 << 20  # bytes of the files beside the notebooks


@dataclass(frozen=True)
class PlainFiles:
    """The bytes of notebooks by name, and of the files beside them by file name."""

    notebooks: Mapping[str, bytes]
    beside: Mapping[str, bytes]

    def digest(self, notebook: bytes) -> str:
        """The digest of a notebook with the files beside it."""
        return files_digest(notebook, self.beside)


def plain_files(folder: Path, bundles: Sequence[NotebookBundle]) -> PlainFiles | None:
    """The files, or None if there is anything else: a folder, a link, an archive, another name."""
    names = {f"{bundle.name}.ipynb": bundle.name for bundle in bundles}
    notebooks: dict[str, bytes] = {}
    beside: dict[str, bytes] = {}
    room = MAX_BESIDE
    try:
        with os.scandir(folder) as listed:
            for number, entry in enumerate(listed):
                status = entry.stat(follow_symlinks=False)
                if number == MAX_ENTRIES or not stat.S_ISREG(status.st_mode):
                    return None
                if entry.name == TIME_FILE:
                    continue
                is_notebook = entry.name in names
                if not is_notebook and not entry.name.endswith((".py", WEIGHTS)):
                    return None
                room -= 0 if is_notebook else status.st_size
                if room < 0 or status.st_size > MAX_BYTES:
                    return None
                data = Path(entry.path).read_bytes()
                if is_notebook:
                    notebooks[names[entry.name]] = data
                else:
                    beside[storable(entry.name)] = data
    except OSError:
        return None
    return PlainFiles(notebooks, beside) if notebooks else None
