"""Unpack a student's zips and tars, nested ones too, within a budget."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath

from autograder.atomic_write import disk_error, is_full
from autograder.errors import AutograderError, DiskError
from autograder.files.archive_entries import Entry, Locked, NotATar, entries
from autograder.files.file_kinds import Kind, is_copy_of_notebook, kind_of, kind_of_content
from autograder.files.found_file import FoundFile, Step
from autograder.files.own_pictures import MAX_BYTES as MAX_PICTURE_BYTES
from autograder.files.unused_files import Unused, UnusedFile
from autograder.reading_budget import BudgetSpent, ReadingBudget

MAX_FILES = 300  # files that are unpacked from one student's archives
MAX_PICTURES = 50  # pictures among them; the rest stays packed
_MOST_BYTES = {  # of one file; the grader has no use for a larger file
    Kind.NOTEBOOK: 64 << 20,
    Kind.WEIGHTS: 48 << 20,
    Kind.MODULE: 1 << 20,
    Kind.PICTURE: MAX_PICTURE_BYTES,
}
_USEFUL = (
    Kind.NOTEBOOK, Kind.MODULE, Kind.WEIGHTS, Kind.PICTURE, Kind.MAYBE, Kind.ARCHIVE
)  # fmt: skip
_LEFT = {
    Kind.OTHER_ARCHIVE: Unused.OTHER_ARCHIVE,
    Kind.DOCUMENT: Unused.DOCUMENT,
    Kind.LINK: Unused.ADDRESS,
    Kind.PICKLE: Unused.PICKLE,
}
_TARS = (".tar", ".tgz", ".tbz", ".txz")


class TooLarge(AutograderError):
    """A file that is larger than any useful file; the text names the limit."""


@dataclass
class Unpacker:
    """Unpack the archives of one student into a folder of the grader.

    Paths in an archive are never used on the disk: each file gets a folder with a number. Only
    files of useful kinds are unpacked. ``unused`` lists other files that may have been meant to be
    graded.
    """

    into: Path
    budget: ReadingBudget
    unused: list[UnusedFile] = field(default_factory=list)
    _count: int = 0
    _pictures: int = 0

    def unpack(self, archive: FoundFile) -> list[FoundFile]:
        """The useful files in an archive and in its nested archives.

        If an archive is damaged or larger than the budget, the files before that point are
        returned. Raises DiskError when the disk is full.
        """
        found: list[tuple[FoundFile, Kind]] = []
        try:
            self.budget.enter(len(archive.archives))
            with closing(entries(archive.path, archive.last_name, self.budget)) as listed:
                for order, entry in enumerate(listed):
                    found += self._taken(archive, entry, order)
        except DiskError:
            raise
        except Exception as error:  # the decompressors raise many types for damaged data
            self._note(archive, error)
        files: list[FoundFile] = []
        for file, kind in found:
            if kind is Kind.ARCHIVE:
                files += self.unpack(file)
                file.path.unlink(missing_ok=True)
            else:
                files.append(file)
        return files

    def _taken(self, archive: FoundFile, entry: Entry, order: int) -> list[tuple[FoundFile, Kind]]:
        """One entry as a file with its kind, if it is useful and readable."""
        steps = (*archive.steps, Step(entry.name, entry.time, order))
        file = FoundFile(self.into / f"{self._count:04d}" / _on_disk(entry.name), steps)
        kind = kind_of(entry.name)
        if kind not in _USEFUL or entry.is_link:
            self._leave(file, Unused.LINK if kind in _USEFUL else _LEFT.get(kind))
            return []
        if kind is Kind.PICTURE:
            self._pictures += 1
            if self._pictures > MAX_PICTURES:
                return []
        try:
            pieces = entry.pieces()
            first = next(pieces, b"")
            kind = kind_of_content(entry.name, first, None)
            if kind not in _USEFUL or kind is Kind.MAYBE:
                self._leave(file, _LEFT.get(kind, Unused.OTHER))
                return []
            self._count += 1
            if self._count > MAX_FILES:
                raise BudgetSpent(f"more than {MAX_FILES} files")
            self._write(file, chain([first], pieces), _MOST_BYTES.get(kind))
        except Exception as error:
            file.path.unlink(missing_ok=True)
            if isinstance(error, (BudgetSpent, tarfile.TarError)):
                raise  # the rest of the archive cannot be read
            self._note(file, error)
            return []
        return [(file, kind)]

    def _write(self, file: FoundFile, pieces: Iterable[bytes], most: int | None) -> None:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        with file.path.open("wb") as out:
            for piece in pieces:
                out.write(piece)
                if most is not None and out.tell() > most:
                    raise TooLarge(f"it is larger than {most >> 20} MB")

    def _leave(self, file: FoundFile, reason: Unused | None) -> None:
        """Note an entry that stays packed, if a person may have meant it to be graded."""
        if kind_of(file.name) is Kind.CLUTTER and is_copy_of_notebook(file.name):
            reason = Unused.CHECKPOINT
        if reason is not None:
            self.unused.append(UnusedFile(file.names, reason))

    def _note(self, file: FoundFile, error: Exception) -> None:
        """Note why a file could not be unpacked, or not read to its end."""
        reason, detail = Unused.BROKEN, str(error)
        if isinstance(error, BudgetSpent):
            reason = Unused.LIMIT
        elif isinstance(error, TooLarge):
            reason = Unused.IGNORED
        elif isinstance(error, Locked):
            reason = Unused.LOCKED
        elif isinstance(error, NotATar) and not any(x in file.name.lower() for x in _TARS):
            reason = Unused.OTHER  # compressed data
        elif isinstance(error, OSError):
            if is_full(error):
                raise disk_error(error, self.into) from error  # the disk's fault, not the archive's
            detail = error.strerror or type(error).__name__  # without the grader's path
        self.unused.append(UnusedFile(file.names, reason, " ".join(detail.split())[:200]))


def emptied(folder: Path) -> Path:
    """The path of a folder, after the folder and its content were deleted."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _on_disk(name: str) -> str:
    """The last part of a path, short enough for every file system."""
    last = PurePosixPath(name).name.encode(errors="replace")[-100:]
    return last.decode(errors="ignore") or "file"
