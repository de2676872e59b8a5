"""The record of a student's folder in ``submitted/``: the files that the store wrote there."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.atomic_write import write_whole
from autograder.errors import UsageError
from autograder.files.hand_in_time import FILE as TIMESTAMP
from autograder.files.hand_in_time import HandInTime
from autograder.files.metered import PIECE
from autograder.received.disk.names import MAX_PARTS
from autograder.received.versions.origin import read, written

RECORD = "submitted.json"
_FORMAT = 1
MAX_ENTRIES = 20_000


@dataclass(frozen=True)
class FoundState:
    """A file as it lies on the disk: size in bytes, time in ns, and SHA-256."""

    size: int
    time_ns: int
    digest: str


@dataclass(frozen=True)
class WrittenTree:
    """A folder as the store wrote it.

    ``times`` are the times of hand-in by notebook; ``ordered_at`` is the place of the newest
    version behind it in the order of versions.
    """

    files: Mapping[str, FoundState]
    timestamp: str = ""
    times: Mapping[str, HandInTime] = field(default_factory=dict)
    ordered_at: datetime | None = None


def read_record(folder: Path) -> list[WrittenTree]:
    """The trees in a record, the newest last; empty if there is no readable record.

    A second tree is there if a process was killed between the record and the change.
    """
    try:
        document = json.loads((folder / RECORD).read_bytes())
        if document["format"] != _FORMAT:
            return []
        return [_tree(one) for one in document["trees"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def write_record(folder: Path, *trees: WrittenTree) -> None:
    """Write the record. Raises DiskError."""
    document = {"format": _FORMAT, "trees": [_document(tree) for tree in trees]}
    write_whole(folder / RECORD, json.dumps(document, indent=1) + "\n")


def paths_in(folder: Path) -> dict[str, Path]:
    """The files in a student's folder by path, without ``timestamp.txt``; empty without folder.

    Raises UsageError if the folder holds a link, a device or too much: the store then leaves it.
    """
    found: dict[str, Path] = {}
    for parent, path, status in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is no plain file or folder")
        if len(found) >= MAX_ENTRIES or name.count("/") > MAX_PARTS + 1:
            raise UsageError(f"{parent} holds more files than a hand-in")
        if name != TIMESTAMP:
            found[name] = path
    return found


def is_as_written(folder: Path, tree: WrittenTree) -> bool:
    """Whether a folder holds the files of a tree, and only them. Raises UsageError and OSError."""
    paths = paths_in(folder)
    if paths.keys() != tree.files.keys() or timestamp_in(folder) != tree.timestamp:
        return False
    return all(_is_same(path, tree.files[name]) for name, path in paths.items())


def state_of(path: Path) -> FoundState:
    """The state of a file. Raises OSError."""
    status = path.stat(follow_symlinks=False)
    return FoundState(status.st_size, status.st_mtime_ns, digest_of_file(path))


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file that is no link. Raises OSError."""
    digest = hashlib.sha256()
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def timestamp_in(folder: Path) -> str:
    """The text of ``timestamp.txt``, empty without one."""
    try:
        with open(os.open(folder / TIMESTAMP, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read(400).decode(errors="replace").strip()
    except OSError:
        return ""


def _is_same(path: Path, state: FoundState) -> bool:
    status = path.stat(follow_symlinks=False)
    if status.st_size != state.size:
        return False
    return status.st_mtime_ns == state.time_ns or digest_of_file(path) == state.digest


def _walk(folder: Path) -> list[tuple[Path, Path, os.stat_result]]:
    """The entries that are no folders, each with its folder and status; links are not followed."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    found = []
    folders = [folder]
    while folders:
        inner = folders.pop()
        with os.scandir(inner) as listed:
            for entry in listed:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    folders.append(Path(entry.path))
                else:
                    found.append((inner, Path(entry.path), status))
                if len(found) + len(folders) > 2 * MAX_ENTRIES:
                    raise UsageError(f"{folder} holds more files than a hand-in")
    return found


def _document(tree: WrittenTree) -> dict[str, Any]:
    return {
        "files": {
            name: [state.size, state.time_ns, state.digest] for name, state in tree.files.items()
        },
        "timestamp": tree.timestamp,
        "times": {
            name: [written(time.when), time.margin.total_seconds(), time.doubt]
            for name, time in tree.times.items()
        },
        "ordered_at": written(tree.ordered_at),
    }


def _tree(document: dict[str, Any]) -> WrittenTree:
    return WrittenTree(
        {
            name: FoundState(int(size), int(time_ns), str(digest))
            for name, (size, time_ns, digest) in document["files"].items()
        },
        str(document["timestamp"]),
        {
            name: HandInTime(read(when), str(doubt), timedelta(seconds=float(margin)))
            for name, (when, margin, doubt) in document["times"].items()
        },
        read(document["ordered_at"]),
    )
