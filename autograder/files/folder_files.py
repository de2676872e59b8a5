"""The files in a student's folder and its subfolders; links are never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from autograder.files.file_kinds import Kind, is_copy_of_notebook, kind_of
from autograder.files.found_file import FoundFile, Step, second
from autograder.files.unused_files import Unused, UnusedFile, no_access
from autograder.reading_budget import BudgetSpent, ReadingBudget

_CHECKPOINTS = ".ipynb_checkpoints"  # noted if no other file was handed in
MAX_DEPTH = 12  # levels of folders


def files_in(
    folder: Path,
    budget: ReadingBudget,
    unused: list[UnusedFile],
    handed_in_at: Mapping[str, datetime],
) -> list[FoundFile]:
    """The plain files by path, without the files of editors and systems.

    ``handed_in_at`` maps a path from the folder to an aware time of hand-in. For other files, the
    time of the file counts.
    """
    found: list[FoundFile] = []
    try:
        for path, name in _walk(folder, (), budget, unused):
            if kind_of(name) is Kind.CLUTTER:
                if is_copy_of_notebook(name):
                    unused.append(UnusedFile((name,), Unused.CHECKPOINT))
                continue
            known = handed_in_at.get(name)
            time = second(known.timestamp() if known else path.stat().st_mtime)
            found.append(FoundFile(path, (Step(name, time, is_hand_in=known is not None),)))
    except BudgetSpent as spent:
        unused.append(UnusedFile(("the folder",), Unused.LIMIT, str(spent)))
    return sorted(found, key=lambda file: file.name)


def _walk(
    folder: Path, inside: tuple[str, ...], budget: ReadingBudget, unused: list[UnusedFile]
) -> Iterator[tuple[Path, str]]:
    folders: list[str] = []
    try:
        listed = os.scandir(folder)
    except OSError as error:
        unused.append(no_access(inside or ("the folder",), error))
        return
    with listed:
        for entry in listed:
            budget.take("entries")
            name = "/".join((*inside, entry.name))
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISREG(mode):
                yield Path(entry.path), name
            elif stat.S_ISDIR(mode):
                folders.append(entry.name)
            elif stat.S_ISLNK(mode):
                unused.append(UnusedFile((name,), Unused.LINK))
    for name in sorted(folders):
        if kind_of(f"{name}/x.txt") is Kind.CLUTTER and name != _CHECKPOINTS:
            continue
        if len(inside) >= MAX_DEPTH:
            unused.append(UnusedFile(("/".join((*inside, name)),), Unused.OTHER))
            continue
        yield from _walk(folder / name, (*inside, name), budget, unused)
