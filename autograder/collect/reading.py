"""Reads downloads: zips and tars are unpacked into a folder of the grader, within limits."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.atomic_write import disk_error, is_full
from autograder.collect.download import Download, DownloadedFile, Left
from autograder.errors import DiskError, UsageError
from autograder.files.archive_entries import Entry, Locked, entries
from autograder.files.file_kinds import Kind, kind_of_content
from autograder.files.metered import ListingReader
from autograder.reading_budget import BudgetSpent, ReadingBudget

MAX_FILE_MB = 512  # of one file in a download
MIN_UNPACKED_MB, MAX_RATIO = 1024, 30  # unpacked bytes of one download, beside its size
MAX_DEPTH = 12  # levels of folders
MAX_ENTRIES = 200_000
_HEAD = 4 << 10


def class_budget(size: int) -> ReadingBudget:
    """The budget for a download of a class that has so many bytes."""
    return ReadingBudget(
        archives=5_000,
        depth=2,
        entries=MAX_ENTRIES,
        listing_bytes=64 << 20,
        unpacked_bytes=max(MIN_UNPACKED_MB << 20, MAX_RATIO * size),
        cpu_s=1_800.0,
    )


class TooLarge(Exception):
    """A file that is larger than any hand-in."""


@dataclass
class Reader:
    """Reads files and folders as downloads. ``scratch`` is a folder of the grader.

    ``is_download`` says whether an archive in a folder, with these paths, is a system's download.
    """

    scratch: Path
    is_download: Callable[[Sequence[str]], bool]
    _count: int = field(default=0, init=False)

    def read(self, path: Path) -> list[Download]:
        """The downloads in a file or folder. Raises UsageError if there is none, and DiskError."""
        if path.is_symlink():
            path = path.resolve()  # the lecturer's own link
        try:
            if path.is_dir():
                return self._folder(path)
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{path} is no file and no folder")
            if _kind(path) is Kind.ARCHIVE:
                return [self._archive(path)]
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
        return [Download(path.name, (_file(path, path.name),))]

    def _folder(self, folder: Path) -> list[Download]:
        files: list[DownloadedFile] = []
        left: list[Left] = []
        nested: list[Download] = []
        budget = class_budget(0)
        try:
            for path, name in _walk(folder, "", left, budget):
                if (
                    "__MACOSX" not in name
                    and _kind(path) is Kind.ARCHIVE
                    and self._is_download(path)
                ):
                    nested.append(self._archive(path))
                else:
                    files.append(_file(path, name))
        except BudgetSpent as spent:
            left.append(Left(folder.name, f"not read to its end: {spent}"))
        name = folder.resolve().name
        own = [Download(name, tuple(files), tuple(left))] if files or left or not nested else []
        return own + nested

    def _is_download(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                listing = ListingReader(file, class_budget(0))
                with zipfile.ZipFile(listing) as archive:
                    names = [one.filename for one in archive.infolist() if not one.is_dir()]
        except (OSError, zipfile.BadZipFile, BudgetSpent, ValueError, NotImplementedError):
            return False
        return self.is_download(names)

    def _archive(self, path: Path) -> Download:
        files: list[DownloadedFile] = []
        left: list[Left] = []
        try:
            budget = class_budget(path.stat().st_size)
            budget.enter(0)
            with closing(entries(path, path.name, budget)) as listed:
                for entry in listed:
                    files += self._taken(entry, left)
        except DiskError:
            raise
        except Exception as error:  # the decompressors raise many types for damaged data
            left.append(Left(path.name, f"not read to its end: {_told(error)}"))
        return Download(path.name, tuple(files), tuple(left), is_zip=True)

    def _taken(self, entry: Entry, left: list[Left]) -> list[DownloadedFile]:
        """An entry as a file; nothing, with a reason, if it cannot be unpacked."""
        if entry.is_link:
            left.append(Left(entry.name, "a link, ignored"))
            return []
        self._count += 1
        target = self.scratch / f"{self._count:06d}"
        try:
            size = 0
            with target.open("xb") as out:
                for piece in entry.pieces():
                    size += len(piece)
                    if size > MAX_FILE_MB << 20:
                        raise TooLarge(f"it is larger than {MAX_FILE_MB} MB")
                    out.write(piece)
        except BudgetSpent:
            target.unlink(missing_ok=True)
            raise
        except Exception as error:
            target.unlink(missing_ok=True)
            if isinstance(error, OSError) and is_full(error):
                raise disk_error(error, target) from error
            left.append(Left(entry.name, f"could not be unpacked: {_told(error)}"))
            return []
        local = None if entry.time is None else entry.time.replace(tzinfo=None)
        return [DownloadedFile(entry.name, target, local, entry.utc_time)]


def _walk(
    folder: Path, inside: str, left: list[Left], budget: ReadingBudget
) -> Iterator[tuple[Path, str]]:
    """The plain files below a folder with their paths; links are told and not followed."""
    folders = []
    try:
        with os.scandir(folder) as listed:
            found = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        left.append(Left(inside or folder.name, f"cannot be read: {error.strerror}"))
        return
    for entry in found:
        budget.take("entries")
        name = f"{inside}{entry.name}"
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            if os.access(entry.path, os.R_OK):
                yield Path(entry.path), name
            else:
                left.append(Left(name, "cannot be read: permission denied"))
        elif stat.S_ISDIR(mode):
            folders.append((entry.path, f"{name}/"))
        else:
            left.append(Left(name, "a link, ignored" if stat.S_ISLNK(mode) else "no plain file"))
    for path, name in folders:
        if name.count("/") > MAX_DEPTH:
            left.append(Left(name, f"deeper than {MAX_DEPTH} folders"))
        else:
            yield from _walk(Path(path), name, left, budget)


def _kind(path: Path) -> Kind:
    with path.open("rb") as file:
        return kind_of_content(path.name, file.read(_HEAD), path.stat().st_size)


def _file(path: Path, name: str) -> DownloadedFile:
    time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return DownloadedFile(name, path, utc_time=time)


def _told(error: Exception) -> str:
    """An error of reading in words, without paths of the grader."""
    if isinstance(error, Locked):
        return "it has a password"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return " ".join(str(error).split())[:200] or type(error).__name__
