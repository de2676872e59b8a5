"""The plain files in a zip or tar, in order, paid from a student's budget."""

from __future__ import annotations

import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder.errors import AutograderError
from autograder.files.file_kinds import PACKED, Kind, kind_of
from autograder.files.found_file import second
from autograder.files.metered import MAX_TAR_HEADER, PIECE, ListingReader, UnpackedStream
from autograder.reading_budget import ReadingBudget

MAX_NAME = 1_000  # characters of a path in an archive
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # other methods do not unpack piece by piece
_ORDER = {
    Kind.NOTEBOOK: -4, Kind.WEIGHTS: -3, Kind.MODULE: -2, Kind.PICTURE: -1, Kind.ARCHIVE: 1
}  # fmt: skip
_UTF8, _EXTENDED_TIME = 0x800, 0x5455  # of the format zip
_DRIVE = 2  # characters of ``C:``


class Locked(AutograderError):
    """An entry that needs a password."""


class NotATar(AutograderError):
    """A compressed file that is not a tar."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive. ``pieces`` may be called once, before the next entry is read.

    ``name`` is a relative path without ``..``. ``is_link`` is true if the entry stands for another
    file. ``utc_time`` is aware and certain; ``time`` may be local, read as UTC.
    """

    name: str
    time: datetime | None
    pieces: Callable[[], Iterator[bytes]]
    is_link: bool = False
    utc_time: datetime | None = None


def entries(path: Path, name: str, budget: ReadingBudget) -> Generator[Entry]:
    """The files of an archive. Raises BudgetSpent, NotATar and the errors of damaged archives."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(PACKED) or head[257:262] == b"ustar" or ".tar" in name.lower():
        return _tar_entries(path, budget)
    return _zip_entries(path, budget)


def _zip_entries(path: Path, budget: ReadingBudget) -> Generator[Entry]:
    """Notebooks first and nested archives last, because the budget may end between them."""
    with path.open("rb") as file:
        listing = ListingReader(file, budget)
        with zipfile.ZipFile(listing) as archive:
            listing.done()
            found: list[Entry] = []
            for info in archive.infolist():
                budget.take("entries")
                kind = stat.S_IFMT(info.external_attr >> 16)
                name = _clean(_zip_name(info))
                if name and not info.is_dir() and kind in (0, stat.S_IFREG, stat.S_IFLNK):
                    pieces = _zip_pieces(archive, info, budget)
                    is_link = kind == stat.S_IFLNK
                    time, utc_time = _zip_time(info.date_time), _utc_time(info.extra)
                    found.append(Entry(name, time, pieces, is_link, utc_time))
            found.sort(key=lambda entry: _ORDER.get(kind_of(entry.name), 0))
            yield from found


def _zip_pieces(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: ReadingBudget
) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        if info.flag_bits & 1:
            raise Locked("it has a password")
        if info.compress_type not in _METHODS:
            raise ValueError("it is packed by a method that is not read here")
        with archive.open(info) as packed:
            while piece := packed.read(PIECE):  # the size in the list may be wrong
                budget.take("unpacked_bytes", len(piece))
                yield piece

    return pieces


def _tar_entries(path: Path, budget: ReadingBudget) -> Generator[Entry]:
    with UnpackedStream(path, budget) as stream:
        try:
            archive = tarfile.open(fileobj=stream, mode="r|")  # type: ignore[call-overload]
        except tarfile.ReadError as error:
            raise NotATar(str(error)) from error
        with archive:
            while (member := archive.next()) is not None:
                budget.take("entries")
                stream.allow(1 << 62)
                name = _clean(member.name)
                if name and (member.issym() or member.islnk()):
                    yield Entry(name, None, lambda: iter(()), is_link=True)
                elif name and member.isreg() and not member.issparse():
                    time = second(member.mtime)
                    pieces = _tar_pieces(archive, member.size)
                    yield Entry(name, time, pieces, utc_time=time)
                for _ in _tar_pieces(archive, archive.offset - archive.fileobj.tell())():
                    pass  # TarFile would skip the rest without a check for the end of the file
                archive.members = []  # TarFile keeps every header that it has read
                archive.pax_headers = {}
                stream.allow(MAX_TAR_HEADER)


def _tar_pieces(archive: tarfile.TarFile, size: int) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        left = size
        while left > 0:
            piece = archive.fileobj.read(min(left, PIECE))
            if not piece:
                raise tarfile.ReadError("unexpected end of data")
            left -= len(piece)
            yield piece

    return pieces


def _clean(name: str) -> str:
    """The path made relative, without ``..``; empty if no part is left."""
    parts = [
        part[_DRIVE:] if part[1:_DRIVE] == ":" else part
        for part in name[:MAX_NAME].replace("\\", "/").replace("\0", "").split("/")
    ]
    return str(PurePosixPath(*[part for part in parts if part not in ("", ".", "..")] or [""]))


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry. macOS writes UTF-8 without the flag for it."""
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _utc_time(extra: bytes) -> datetime | None:
    """The time of last change from Info-ZIP's extra field, which is in UTC; None without it."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == _EXTENDED_TIME and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return second(struct.unpack("<i", extra[5:9])[0])
        extra = extra[4 + size :]
    return None


def _zip_time(parts: tuple[int, int, int, int, int, int]) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=UTC)
    except ValueError:
        return None
