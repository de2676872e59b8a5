"""Plain folders: ``ID/...``, ``Lastname, Firstname/...``, ``ID_notebook.ipynb``, ``ID.zip``.

Folders that hold all others are passed over. The time stands in ``ID/timestamp.txt``; a file's own time tells when it was written or copied, not when it was handed in.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from autograder.collect.download import (
    Claim,
    Download,
    DownloadedFile,
    HandIn,
    Left,
    RecordedTime,
    Sorted,
    grouped,
)
from autograder.collect.layouts.layout import Class, Layout, is_clutter
from autograder.collect.layouts.nbgrader import stamp_time
from autograder.files.file_kinds import Kind, kind_of
from autograder.files.hand_in_time import FILE as TIMESTAMP

REASON = "the files hold no time of hand-in"
_BREAK = re.compile(r"[_\-. ]+")
_BRACKETS = re.compile(r"(?P<outer>.*?)\s*\((?P<inner>[^()]+)\)\s*")


class Plain(Layout):
    """Folders or files that carry a student's id or name."""

    name = "plain"
    title = "plain folders"

    def marks(self, path: str, about: Class) -> bool:
        return False

    def sort(self, download: Download, about: Class) -> Sorted:
        files = [file for file in download.files if not is_clutter(file.path)]
        if _is_one_students(download, files, about):
            claim = claim_of(_stem(download.name), about)
            return Sorted((_hand_in(claim, [(file.path, file) for file in files]),))
        depth = _shared_folders(files, about)
        in_folders: list[tuple[str, DownloadedFile, str]] = []
        alone: list[HandIn] = []
        left: list[Left] = []
        for file in files:
            parts = file.parts[depth:]
            if len(parts) > 1:
                in_folders.append((parts[0], file, "/".join(parts[1:])))
            elif kind_of(parts[0]) is Kind.CLUTTER:
                left.append(Left(file.path, "no student's file"))
            else:
                claim, name = _split(parts[0], about)
                alone.append(_hand_in(claim, [(name, file)]))
        hand_ins = [
            _hand_in(claim_of(key, about), some) for key, some in grouped(in_folders).items()
        ]
        return Sorted((*hand_ins, *alone), tuple(left))


def claim_of(text: str, about: Class) -> Claim:
    """The claim of a folder or file name; ``Name (id)`` has two readings."""
    match = _BRACKETS.fullmatch(text)
    texts = (text,) if match is None else (match["inner"], match["outer"], text)
    known = [one for one in texts if about.knows(one)]
    return Claim(text, tuple(known or texts), proposed_id=text)


def _hand_in(claim: Claim, files: list[tuple[str, DownloadedFile]]) -> HandIn:
    stamps = [file for name, file in files if name == TIMESTAMP]
    kept = tuple((name, file) for name, file in files if name != TIMESTAMP) or tuple(files)
    return HandIn(claim, kept, stamp_time(stamps[0]) if stamps else RecordedTime(reason=REASON))


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.stem if kind_of(name) is not Kind.DATA else name


def _is_one_students(download: Download, files: list[DownloadedFile], about: Class) -> bool:
    """Whether a folder or zip belongs to one student as a whole."""
    released = {f"{name}.ipynb" for name in about.notebooks}
    if len(files) == 1 and files[0].path == download.name:
        return False
    if any(file.path in released for file in files):
        return True
    return about.knows(_stem(download.name)) and not any(
        about.knows(file.parts[0]) for file in files
    )


def _shared_folders(files: list[DownloadedFile], about: Class) -> int:
    """The number of folders that hold all files and are no student's."""
    depth = 0
    while files:
        tops = {file.parts[depth] for file in files}
        if len(tops) > 1 or any(len(file.parts) < depth + 3 for file in files):
            break
        if about.knows(tops.pop()):
            break
        depth += 1
    return depth


def _split(name: str, about: Class) -> tuple[Claim, str]:
    """The claim of a single file, and its name without it.

    A part of the name that is a person's id or name comes first, the longest before others.
    """
    path = PurePosixPath(name)
    stem, ending = path.stem, path.suffix
    cuts = [(one.start(), one.end()) for one in _BREAK.finditer(stem)]
    heads = [
        (stem[:start], stem[end:]) for start, end in reversed(cuts) if start and end < len(stem)
    ]
    tails = [(stem[end:], stem[:start]) for start, end in cuts if start and end < len(stem)]
    for text, rest in ((stem, ""), *heads, *tails):
        if about.knows(text):
            return Claim(text, (text,), proposed_id=text), f"{rest}{ending}" if rest else name
    for notebook in about.notebooks:
        if stem.endswith(notebook) and (head := stem.removesuffix(notebook).rstrip("_-. ")):
            return Claim(head, (head,), proposed_id=head), f"{notebook}{ending}"
    head, rest = heads[-1] if heads else (stem, "")
    return Claim(head, (head, stem), proposed_id=head), f"{rest}{ending}" if rest else name
