"""Google Classroom: the assignment's folder in Google Drive, downloaded.

Classroom gives each student a copy named ``Ada Lovelace - 01_convolution.ipynb``. Drive packs a
folder as ``NAME-20261001T215958Z-001.zip``, for large folders as several zips. Copies are named
``Copy of ...``. A time is that of the last edit, not of the hand-in. Described in the help of
Google Classroom, "View and grade student work", and of Google Drive, "Download a file".
"""

from __future__ import annotations

import re

from autograder.collect.download import (
    Claim,
    Download,
    HandIn,
    Left,
    RecordedTime,
    Sorted,
)
from autograder.collect.layouts.layout import Class, Layout, is_clutter

_COPY = re.compile(
    r"(?:copy of|kopie von|copie de|copia de|copia di|kopi av|kopia)\s+", re.IGNORECASE
)
_SPLIT = re.compile(r"\s+[-–—]\s+")
_OTHER = "its name does not begin with a student's name and “ - ”"
REASON = "the download from Google Drive holds the time of the last edit, not of the hand-in"


class Classroom(Layout):
    """Files of Google Classroom from Google Drive."""

    name = "classroom"
    title = "Google Classroom"

    def marks(self, path: str, about: Class) -> bool:
        splits = _splits(path.rsplit("/", 1)[-1])
        if about.has_roster:
            return any(about.knows(name) for name, _ in splits)
        return bool(splits) and path.count("/") <= 1

    def sort(self, download: Download, about: Class) -> Sorted:
        hand_ins: list[HandIn] = []
        left: list[Left] = []
        for file in download.files:
            if is_clutter(file.path):
                continue
            splits = _splits(file.name)
            if not splits:
                left.append(Left(file.path, _OTHER))
                continue
            known = [one for one in splits if about.knows(one[0])]
            name, rest = (known or splits)[0]
            texts = tuple(one for one, _ in (known or splits))
            claim = Claim(told=name, texts=texts, proposed_id=name)
            hand_ins.append(HandIn(claim, ((rest, file),), RecordedTime(reason=REASON)))
        return Sorted(tuple(hand_ins), tuple(left))


def _splits(name: str) -> list[tuple[str, str]]:
    """The ways to split a name into student and file: ``a - b - c`` has two."""
    name = _COPY.sub("", name, count=1) if _COPY.match(name) else name
    return [
        (name[: one.start()].strip(), name[one.end() :].strip())
        for one in _SPLIT.finditer(name)
        if name[: one.start()].strip() and name[one.end() :].strip()
    ]
