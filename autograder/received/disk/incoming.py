"""Files on their way into the store: written to a folder, with limits, and kept through a kill."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.atomic_write import disk_error
from autograder.errors import AutograderError, DiskError
from autograder.files.metered import PIECE
from autograder.received.disk.names import places

MAX_MB, MAX_FILES = 512, 2_000  # of one hand-in


class TooMuch(AutograderError):
    """A hand-in that is larger than the store takes; the text names the limit."""


@dataclass(frozen=True)
class Incoming:
    """A file to store: its name or path as it came, and its bytes or a file that holds them.

    ``modified_at`` is an aware time, None if it is not known.
    """

    name: str
    content: bytes | Path
    modified_at: datetime | None = None

    def pieces(self) -> Iterator[bytes]:
        """The bytes, piece by piece. Raises OSError, also if the file is a link."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        descriptor = os.open(self.content, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            while piece := file.read(PIECE):
                yield piece


def digests_of(files: Sequence[Incoming]) -> dict[str, str]:
    """The path of each file in the store, with its SHA-256; equal names get numbers.

    Raises TooMuch, and DiskError if a file cannot be read.
    """
    if len(files) > MAX_FILES:
        raise TooMuch(f"it holds more than {MAX_FILES} files")
    digests: dict[str, str] = {}
    room = MAX_MB << 20
    for path, file in zip(places([file.name for file in files]), files, strict=True):
        digest = hashlib.sha256()
        try:
            for piece in file.pieces():
                room -= len(piece)
                if room < 0:
                    raise TooMuch(f"it holds more than {MAX_MB} MB")
                digest.update(piece)
        except OSError as error:
            raise DiskError(f"{file.name} cannot be read: {error.strerror}") from error
        digests[path] = digest.hexdigest()
    return digests


def write_files(files: Sequence[Incoming], digests: Mapping[str, str], folder: Path) -> None:
    """Write files with the paths of ``digests_of`` into a new folder.

    All bytes are on the disk after the return. Raises DiskError, also if a file changed since.
    """
    try:
        make_private(folder)
        for (path, expected), file in zip(digests.items(), files, strict=True):
            target = folder / path
            make_private(target.parent)
            digest = hashlib.sha256()
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as out:
                for piece in file.pieces():
                    digest.update(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            if digest.hexdigest() != expected:
                raise DiskError(f"{file.name} was changed while it was stored")
            if file.modified_at is not None:
                stamp = file.modified_at.timestamp()
                os.utime(target, (stamp, stamp))
        for inner, _, _ in os.walk(folder):
            sync_folder(Path(inner))
    except OSError as error:
        raise disk_error(error, folder) from error


def make_private(folder: Path) -> None:
    """Create a folder and the folders around it, for the lecturer alone; others keep their mode."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder survive a kill of the machine."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
