"""Moodle, "Download all submissions": a zip with a folder or a prefix for each student.

With folders: ``Ada Lovelace_12345_assignsubmission_file/filename.ipynb`` (older versions end the
folder with ``_``); without: ``Ada Lovelace_12345_assignsubmission_file_filename.ipynb``. The number
belongs to the participant and this assignment only, so it identifies nobody. Blind marking writes
``Participant``. Older versions store the local time of the upload in the zip, newer versions the
time of the download. Documented on MoodleDocs, "Using Assignment", and in Moodle's public source,
``mod/assign/classes/downloader.php``.
"""

from __future__ import annotations

import re

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

_PART = re.compile(r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?")
_BLIND = re.compile(r"participant|teilnehmer(?:/in)?|participante|deelnemer", re.IGNORECASE)


class Moodle(Layout):
    """Moodle's zip of submissions."""

    name = "moodle"
    title = "Moodle"

    def marks(self, path: str, about: Class) -> bool:
        return any(_PART.fullmatch(part) for part in path.split("/"))

    def sort(self, download: Download, about: Class) -> Sorted:
        found: list[tuple[str, DownloadedFile, str]] = []
        claims: dict[str, Claim] = {}
        left: list[Left] = []
        for file in download.files:
            if is_clutter(file.path):
                continue
            where, match = next(
                ((n, one) for n, part in enumerate(file.parts) if (one := _PART.fullmatch(part))),
                (0, None),
            )
            if match is None:
                left.append(Left(file.path, "not named as Moodle names files"))
            elif match["kind"] != "file":
                left.append(Left(file.path, "a text that was typed into Moodle, not a file"))
            else:
                rest = [part for part in (match["rest"], *file.parts[where + 1 :]) if part]
                key = f"{match['name']}_{match['id']}"
                name = match["name"].strip()
                is_blind = _BLIND.fullmatch(name) is not None
                claims[key] = Claim(
                    told=f"{name}_{match['id']}" if is_blind else name,
                    texts=() if is_blind else (name,),
                    proposed_id=key if is_blind else name,
                )
                found.append((key, file, "/".join(rest) or file.name))
        together = grouped(found)
        times = zip_times([[file for _, file in files] for files in together.values()], self.title)
        hand_ins = [
            HandIn(claims[key], tuple(files), time)
            for (key, files), time in zip(together.items(), times, strict=True)
        ]
        return Sorted(tuple(hand_ins), tuple(left))
