"""The interface of a layout."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from autograder.collect.download import Download, DownloadedFile, RecordedTime, Sorted

ZIP_MARGIN = timedelta(seconds=2)  # a zip stores even seconds
_TOOLS = {"__macosx", "__pycache__", "node_modules", ".git", ".svn", ".hg", ".venv"}
_PACKING = timedelta(hours=1)  # the longest time in which a system packs a download


@dataclass(frozen=True)
class Class:
    """Facts about the class that a layout may need.

    ``knows`` says whether a text is the id or name of a person. ``notebooks`` are the names of the
    assignment's notebooks; ``naming`` is the course's pattern for nbgrader's file names.
    """

    assignment: str
    notebooks: tuple[str, ...] = ()
    knows: Callable[[str], bool] = field(default=lambda _: False)
    has_roster: bool = False
    naming: str = ""


class Layout(ABC):
    """One layout of downloads."""

    name: str
    title: str

    @abstractmethod
    def marks(self, path: str, about: Class) -> bool:
        """Whether a path in a download bears the marks of this layout."""

    @abstractmethod
    def sort(self, download: Download, about: Class) -> Sorted:
        """The hand-ins of a download."""


def is_clutter(path: str) -> bool:
    """Whether a system or a tool made the file, and no student."""
    parts = path.lower().split("/")
    return not _TOOLS.isdisjoint(parts) or parts[-1] in (".ds_store", "thumbs.db", "desktop.ini")


def zip_times(files: list[list[DownloadedFile]], system: str) -> list[RecordedTime]:
    """The times of hand-ins from the times of their files in a zip; ``files`` has one list each.

    Most systems write the time of the download there. Such times lie close together, and are not
    used. Times that lie further apart than a download takes are times of hand-in.
    """
    newest = [max(one, key=lambda file: file.order) for one in files]
    orders = [file.order for file in newest]
    known = [order for order in orders if order.year >= 2000]
    is_spread = len(known) > 1 and max(known) - min(known) > _PACKING
    reason = (
        f"{system}'s download holds no time of hand-in: the times in it are those of the download"
    )
    times = []
    for file, order in zip(newest, orders, strict=True):
        if not is_spread or order.year < 2000:
            times.append(RecordedTime(reason=reason))
        elif file.utc_time is not None:
            text = f"{file.utc_time:%Y-%m-%d %H:%M:%S} UTC"
            times.append(RecordedTime(text, utc=file.utc_time, margin=ZIP_MARGIN))
        else:
            text = f"{order:%Y-%m-%d %H:%M:%S}"
            times.append(RecordedTime(text, local=file.local_time, margin=ZIP_MARGIN))
    return times
