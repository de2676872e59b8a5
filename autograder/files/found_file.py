"""A handed-in file: its place, its name and its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path, PurePosixPath


class DecidedBy(StrEnum):
    """The reason why one file comes before another."""

    ONLY = "it is the only one"
    HAND_IN = "time of hand-in"
    FILE = "time of the file"
    ARCHIVE = "time of the archive"
    ENTRY = "time in the archive"
    READABLE = "the newer ones cannot be read"
    NAME = "the expected name"
    PATH = "the path"


@dataclass(frozen=True)
class Step:
    """A file in a folder or an entry in an archive.

    ``time`` is in whole seconds, because archives store no fractions and files that were copied
    together differ by less. A zip has no time zone, so its entries have the time of the archive's
    clock, read as UTC. None means no time, and is older than any time.
    """

    name: str
    time: datetime | None
    order: int = 0  # position in the archive, where a name may occur twice
    is_hand_in: bool = False  # ``time`` is the time of hand-in


@dataclass(frozen=True)
class FoundFile:
    """One file. ``steps`` lead to it: the file or archive in the folder, then the entries."""

    path: Path  # the present path of its bytes
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The path in the student's folder or, for a packed file, in its archive."""
        return self.steps[-1].name

    @property
    def last_name(self) -> str:
        return PurePosixPath(self.name).name

    @property
    def folder(self) -> tuple[str, ...]:
        """The parts of the path to its folder."""
        return PurePosixPath(self.name).parts[:-1]

    @property
    def archives(self) -> tuple[str, ...]:
        """The archives around the file, the outermost first."""
        return self.names[:-1]

    @property
    def source(self) -> tuple[tuple[str, int], ...]:
        """A key of its archive; empty for a file that was not packed."""
        return tuple((step.name, step.order) for step in self.steps[:-1])

    @property
    def names(self) -> tuple[str, ...]:
        """The names on the way to the file, the outermost first."""
        return tuple(step.name for step in self.steps)

    @property
    def label(self) -> str:
        """The name of the file in notes."""
        return label_of(self.names)


def label_of(names: Sequence[str]) -> str:
    """``hw/a.ipynb in inner.zip in outer.zip`` for the names from the outermost on."""
    return " in ".join(reversed(names))


def second(timestamp: float) -> datetime:
    """A time of the file system as an aware time in whole seconds."""
    try:
        return datetime.fromtimestamp(int(timestamp), UTC)
    except (OverflowError, OSError, ValueError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def newest_first(
    files: Sequence[FoundFile], is_expected: Callable[[FoundFile], bool] = lambda _: False
) -> list[FoundFile]:
    """The files in the order in which they count.

    The newest file comes first, by its time or by the time of the outermost archive. Entries of one
    archive are sorted by their own times. At equal times, the expected name comes first, then the
    path.
    """
    return _ranked(files, is_expected, 0)


def _ranked(
    files: Sequence[FoundFile], is_expected: Callable[[FoundFile], bool], level: int
) -> list[FoundFile]:
    groups = []
    by_step = sorted(files, key=lambda file: (file.steps[level].name, file.steps[level].order))
    for _, together in groupby(
        by_step, key=lambda file: (file.steps[level].name, file.steps[level].order)
    ):
        group = list(together)
        deeper = [file for file in group if len(file.steps) > level + 1]
        here = [file for file in group if len(file.steps) == level + 1]
        groups.append(here + (_ranked(deeper, is_expected, level + 1) if deeper else []))

    def rank(group: list[FoundFile]) -> tuple[float, bool, str, int]:
        step = group[0].steps[level]
        age = -step.time.timestamp() if step.time is not None else float("inf")
        return age, not is_expected(group[0]), step.name, -step.order

    return [file for group in sorted(groups, key=rank) for file in group]


def decided_by(
    first: FoundFile, second: FoundFile, is_expected: Callable[[FoundFile], bool]
) -> DecidedBy:
    """The reason why ``first`` comes before ``second`` in ``newest_first``."""
    for level, (one, other) in enumerate(zip(first.steps, second.steps, strict=False)):
        if (one.name, one.order) == (other.name, other.order):
            continue
        if one.time != other.time:
            return _time_of(first, level)
        break
    return DecidedBy.NAME if is_expected(first) and not is_expected(second) else DecidedBy.PATH


def _time_of(file: FoundFile, level: int) -> DecidedBy:
    if level > 0:
        return DecidedBy.ENTRY
    if file.steps[0].is_hand_in:
        return DecidedBy.HAND_IN
    return DecidedBy.ARCHIVE if len(file.steps) > 1 else DecidedBy.FILE


def time_that_decided(file: FoundFile, other: FoundFile) -> datetime | None:
    """The time of ``file`` at the point where the ways to the two files part."""
    for one, another in zip(file.steps, other.steps, strict=False):
        if (one.name, one.order) != (another.name, another.order):
            return one.time
    return file.steps[-1].time
