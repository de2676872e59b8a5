"""A download as a list of files, and the hand-ins in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class DownloadedFile:
    """One file. ``path`` is its path in the download, ``content`` the file that holds its bytes.

    ``local_time`` is the time in a zip, which names no zone; ``utc_time`` is aware and certain.
    None means no such time.
    """

    path: str
    content: Path
    local_time: datetime | None = None
    utc_time: datetime | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def order(self) -> datetime:
        """A naive time that orders files of one download."""
        if self.utc_time is not None:
            return self.utc_time.replace(tzinfo=None)
        return self.local_time or datetime.min


@dataclass(frozen=True)
class Left:
    """A file or archive that was left out, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True)
class Download:
    """A zip, a folder or a single file. ``left`` lists the parts that could not be read."""

    name: str
    files: tuple[DownloadedFile, ...]
    left: tuple[Left, ...] = ()
    is_zip: bool = False


@dataclass(frozen=True)
class Claim:
    """The student of a hand-in as the download names one.

    ``texts`` are possible ids and names, the best first. ``lms_ids`` are ids of the system that
    made the download, of the kinds ``lms_kinds`` or, if that is empty, of any kind. ``told`` is the
    name as people read it, and the key in a mapping file.
    """

    told: str
    texts: tuple[str, ...] = ()
    lms_ids: tuple[str, ...] = ()
    lms_kinds: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    proposed_id: str = ""  # for a course without a roster


@dataclass(frozen=True)
class RecordedTime:
    """A time of hand-in as a download records it.

    ``utc`` is an aware time; ``local`` a naive one, of a zone that the download does not name. With
    neither, the time is not known, and ``reason`` says why. ``text`` is the time as written.
    """

    text: str = ""
    utc: datetime | None = None
    local: datetime | None = None
    margin: timedelta = timedelta(0)
    reason: str = ""


@dataclass(frozen=True)
class HandIn:
    """The files of one student in one download, with their names as the student gave them."""

    claim: Claim
    files: tuple[tuple[str, DownloadedFile], ...]
    time: RecordedTime = field(default_factory=RecordedTime)
    marked_late: bool | None = None

    @property
    def newest(self) -> DownloadedFile:
        """The file with the latest time."""
        return max((file for _, file in self.files), key=lambda file: file.order)


@dataclass(frozen=True)
class Sorted:
    """The hand-ins of a download, and the files of no hand-in."""

    hand_ins: tuple[HandIn, ...]
    left: tuple[Left, ...] = ()


def grouped(
    files: Sequence[tuple[str, DownloadedFile, str]],
) -> dict[str, list[tuple[str, DownloadedFile]]]:
    """Files by a key: from (key, file, name) to (name, file)."""
    found: dict[str, list[tuple[str, DownloadedFile]]] = {}
    for key, file, name in files:
        found.setdefault(key, []).append((name, file))
    return found
