"""Names of students and of received files, as safe paths on the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import PurePosixPath

from autograder.errors import UsageError
from autograder.files.student_folders import is_student

MAX_PART = 180  # bytes of one part of a path; file systems allow 255
MAX_PARTS = 12
_DRIVE = 2  # characters of ``C:``
_ENDING = 24  # bytes of a long name's end that are kept, for its ending


def check_folder_name(name: str, what: str) -> None:
    """Refuse a name that is no plain folder name. ``what`` names its kind in the error.

    Raises UsageError. Patterns, spaces and leading dots are allowed.
    """
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError:
        size = 0
    if name in ("", ".", "..") or "/" in name or "\0" in name or not 0 < size <= 255:
        raise UsageError(f"{what} {name[:60]!r} cannot be the name of a folder")
    if not is_student(name):
        raise UsageError(f"{what} {name!r} is the name of a tool's folder")


def clean_path(name: str) -> str:
    """A file's name as a relative path: no ``..``, no drive, no part that a disk refuses.

    A part that is too long keeps its ends and gets a digest in the middle.
    """
    parts = [
        part[_DRIVE:] if part[1:_DRIVE] == ":" else part
        for part in name.replace("\\", "/").replace("\0", "").split("/")
    ]
    kept = [_short(part) for part in parts if part not in ("", ".", "..")]
    if len(kept) > MAX_PARTS:
        kept = [*kept[: MAX_PARTS - 1], kept[-1]]
    return "/".join(kept) or "file"


def places(names: Sequence[str]) -> list[str]:
    """A path for each name: all different, and no path is the folder of another.

    Of equal names the last one keeps the name, as a later file replaces an earlier one.
    """
    taken: set[str] = set()
    folders: set[str] = set()
    found: list[str] = []
    for name in reversed(names):
        path = clean_path(name)
        number = 1
        while path in taken or path in folders or _inside(path) & taken:
            number += 1
            path = _numbered(clean_path(name), number)
        taken.add(path)
        folders |= _inside(path)
        found.append(path)
    return found[::-1]


def _inside(path: str) -> set[str]:
    """The folders around a path."""
    return {str(parent) for parent in PurePosixPath(path).parents} - {"."}


def _numbered(path: str, number: int) -> str:
    """``a/b (2).ipynb``; the folders become one, so that a file in their way is no obstacle."""
    named = PurePosixPath(path)
    start = f"{' '.join(named.parts[:-1])} ({number})/" if named.parts[1:] else ""
    return clean_path(f"{start}{named.stem} ({number}){named.suffix}")


def _short(part: str) -> str:
    try:
        data = os.fsencode(part)
    except UnicodeEncodeError:  # half of a surrogate pair
        part = part.encode(errors="replace").decode()
        data = part.encode()
    if len(data) <= MAX_PART:
        return part
    digest = hashlib.sha256(data).hexdigest()[:12]
    head = data[: MAX_PART - _ENDING - 16].decode(errors="ignore")
    return f"{head}~{digest}~{data[-_ENDING:].decode(errors='ignore')}"
