"""Tables from other programs: CSV files in several encodings and with several separators."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

MAX_BYTES = 64 * 2**20  # of a file; a class of 100,000 people needs about 10 MB
_SEPARATORS = ",;\t"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Row:
    """A row and the number of its first line, from 1. Cells have no spaces around them."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def read_table(path: Path, score: Callable[[Sequence[str]], int]) -> list[Row]:
    """The rows of a CSV file that are not empty.

    The separator is a comma, a semicolon or a tab. The choice is the separator with the highest
    ``score`` of a row; if two are equal, the separator with more cells. Raises UsageError if the
    file cannot be read, is empty, too large, or no table.
    """
    text = _text(path)
    tables = [_rows(text, separator, path, most=_HEAD) for separator in _SEPARATORS]

    def rank(index: int) -> tuple[int, int]:
        rows = tables[index]
        best = max((score(row.cells) for row in rows), default=0)
        return best, max((len(row.cells) for row in rows), default=0)

    best = max(range(len(_SEPARATORS)), key=rank)
    rows = _rows(text, _SEPARATORS[best], path)
    if not rows:
        raise UsageError(f"{path} is empty")
    return rows


_HEAD = 10  # rows that decide on the separator


def _text(path: Path) -> str:
    """The text of a file; Windows-1252 if it is neither UTF-8 nor marked as UTF-16."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UsageError(f"{path} has {size:,} bytes; a roster has at most {MAX_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    if data[:4] == b"PK\x03\x04":
        raise UsageError(f"{path} is an Excel or ZIP file. Save the table as CSV first")
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).lstrip("\ufeff").replace("\0", "")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").replace("\0", "")


def _encodings(data: bytes) -> list[str]:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return [encoding]
    if len(data) % 2 == 0 and data[:200].count(0) > len(data[:200]) // 4:  # UTF-16 without a mark
        return ["utf-16-be" if data[:1] == b"\0" else "utf-16-le"]
    return ["utf-8", "cp1252"]


def _rows(text: str, separator: str, path: Path, most: int | None = None) -> list[Row]:
    """The rows that are not empty, at most so many."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            row = Row(line, tuple(cell.strip() for cell in cells))
            line = reader.line_num + 1
            if not row.is_empty and not _names_the_separator(row):
                rows.append(row)
            if most is not None and len(rows) >= most:
                break
    except csv.Error as error:
        if most is None:
            raise UsageError(f"{path}, line {line}: this is no table ({error})") from error
    return rows


def _names_the_separator(row: Row) -> bool:
    """Whether a row is the line ``sep=;`` that some programs write for Excel."""
    return row.line == 1 and "".join(row.cells).lower() in ("sep=", *(f"sep={s}" for s in ",;\t"))
