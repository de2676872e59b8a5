"""Streams whose reading is paid from a student's budget."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import IO

from autograder.reading_budget import BudgetSpent, ReadingBudget

PIECE = 64 << 10  # bytes of one read
MAX_TAR_HEADER = 256 << 10  # bytes of one tar member's headers, with long names and attributes


class ListingReader(io.RawIOBase):
    """A zip whose list of names is paid until ``done`` is called.

    ``zipfile`` reads the whole list at once, and a list of a million names fills the memory.
    """

    def __init__(self, file: IO[bytes], budget: ReadingBudget) -> None:
        self._file = file
        self._budget = budget
        self._is_listing = True

    def done(self) -> None:
        """End the payment for the list of names."""
        self._is_listing = False

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if not self._is_listing:
            return self._file.read(size)
        left = self._budget.listing_bytes
        data = self._file.read(size if 0 <= size <= left else left + 1)
        self._budget.take("listing_bytes", len(data))
        return data


class UnpackedStream:
    """The unpacked content of a file that may be compressed, read forward and paid by the byte.

    A call of ``allow`` sets the number of bytes that can be read until the next call.
    """

    def __init__(self, path: Path, budget: ReadingBudget) -> None:
        self._file = _opened(path)
        self._budget = budget
        self._allowed = MAX_TAR_HEADER

    def __enter__(self) -> UnpackedStream:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def allow(self, size: int) -> None:
        """Allow this many more bytes."""
        self._allowed = size

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes. Raises BudgetSpent."""
        data = self._file.read(min(size, PIECE))
        self._allowed -= len(data)
        if self._allowed < 0:
            raise BudgetSpent(f"a header is larger than {MAX_TAR_HEADER >> 10} KB")
        self._budget.take("unpacked_bytes", len(data))
        return data


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    """The file, unpacked if its first bytes show that it is compressed."""
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"\x1f\x8b"):
        return gzip.open(path)
    if head.startswith(b"BZh"):
        return bz2.open(path)
    if head.startswith(b"\xfd7zXZ\x00"):
        return lzma.open(path)
    return path.open("rb")
