"""Canvas, "Download Submissions": one zip of loose files.

A file is named ``lastnamefirstname_LATE_12345_67890_filename.ipynb``: the sortable name in lower
case without spaces and punctuation, a mark for late hand-ins, the user's id, the id of the file,
and the student's own file name. Anonymous assignments have ``anon_CODE`` instead of name and id.
Canvas adds ``-1`` to the name of a file that is handed in again. The zip holds the time of the
download, not of the hand-in. Documented in the Canvas instructor guide, "How do I download all
student submissions for an assignment?", and in Canvas's public source, ``lib/content_zipper.rb``.
"""

from __future__ import annotations

import re
from datetime import timedelta

from autograder.collect.download import (
    Claim,
    Download,
    DownloadedFile,
    HandIn,
    Left,
    Sorted,
    grouped,
)
from autograder.collect.layouts.layout import Class, Layout, is_clutter, zip_times
from autograder.files.file_kinds import Kind, kind_of

_NUMBER = r"[1-9]\d*"
_PERSON = rf"(?P<name>[^/]+?)_(?P<late>LATE_)?(?P<user>{_NUMBER})"
_HIDDEN = r"(?P<hidden>LATE_)?(?P<code>anon_[^/_]+)"
_NAME = re.compile(rf"(?:{_HIDDEN}|{_PERSON})_(?P<file>{_NUMBER})_(?P<rest>[^/]+)")
_TEXT = re.compile(r"[^/]+?_(?:LATE_)?(?:\d+|anon_\w+)_(?:text|link)\.html")
_OTHER = "not named as Canvas names files"
_AGAIN = re.compile(r"-\d+(?=\.py$)")


class Canvas(Layout):
    """Canvas's zip of submissions."""

    name = "canvas"
    title = "Canvas"

    def marks(self, path: str, about: Class) -> bool:
        last = path.rsplit("/", 1)[-1]
        return path.count("/") <= 1 and bool(_NAME.fullmatch(last) or _TEXT.fullmatch(last))

    def sort(self, download: Download, about: Class) -> Sorted:
        found: list[tuple[str, DownloadedFile, str]] = []
        late: dict[str, bool] = {}
        claims: dict[str, Claim] = {}
        numbers: dict[str, int] = {}
        left: list[Left] = []
        for file in download.files:
            if is_clutter(file.path):
                continue
            match = _NAME.fullmatch(file.name)
            if match is None:
                is_text = _TEXT.fullmatch(file.name)
                reason = (
                    "a text or a link, not a file" if is_text else "not named as Canvas names files"
                )
                left.append(Left(file.path, reason))
                continue
            name, user = match["name"], match["user"] or match["code"]
            key = f"{name}_{user}" if name else user
            is_late = bool(match["late"] or match["hidden"])
            late[key] = late.get(key, False) or is_late
            numbers[file.path] = int(match["file"])
            claims[key] = Claim(
                told=key,
                texts=(name,) if name else (),
                lms_ids=(user,),
                lms_kinds=("canvas", "lms"),
                proposed_id=key,
            )
            found.append((key, file, match["rest"]))
        together = grouped(found)
        times = zip_times([[file for _, file in files] for files in together.values()], self.title)
        hand_ins = [
            HandIn(claims[key], _in_order(files, numbers), time, late[key])
            for (key, files), time in zip(together.items(), times, strict=True)
        ]
        return Sorted(tuple(hand_ins), tuple(left))


def _in_order(
    files: list[tuple[str, DownloadedFile]], numbers: dict[str, int]
) -> tuple[tuple[str, DownloadedFile], ...]:
    """The files in the order of their upload, with increasing times; modules under their names."""
    ordered = sorted(files, key=lambda one: numbers[one[1].path])
    found: list[tuple[str, DownloadedFile]] = []
    for rank, (name, file) in enumerate(ordered):
        plain = _AGAIN.sub("", name) if kind_of(name) is Kind.MODULE else name
        local = file.local_time and file.local_time + timedelta(seconds=rank)
        utc = file.utc_time and file.utc_time + timedelta(seconds=rank)
        found.append((plain, DownloadedFile(file.path, file.content, local, utc)))
    return tuple(found)
