"""The findings of a run of ``collect``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from autograder.collect.download import Left
from autograder.files.hand_in_time import HandInTime


class News(Enum):
    """The use of one hand-in."""

    NEW = "new"
    REPLACES = "newer than before"
    OLDER = "older than the one that counts"
    RETIMED = "another time than before"
    AGAIN = "unchanged"


@dataclass(frozen=True)
class Row:
    """One hand-in of one student. Times are aware, ``late_by`` is None if the time does not tell.

    ``notes`` are sentences about odd files. ``notebooks`` are the notebooks that it holds.
    ``recorded`` is the time as the download writes it; ``digest`` is a digest of all files.
    """

    student: str
    source: str
    named: str
    news: News
    time: HandInTime
    due_at: datetime | None = None
    notebooks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    marked_late: bool | None = None
    recorded: str = ""
    digest: str = ""

    @property
    def late_by(self) -> timedelta | None:
        """The time after the due time: zero if on time, None if it is not known."""
        due = None if self.due_at is None else self.due_at.replace(tzinfo=None)
        is_late = self.time.is_late(due)
        if is_late is None:
            return None
        if not is_late or due is None or self.time.when is None:
            return timedelta(0)
        return self.time.when - due


@dataclass(frozen=True)
class Unmatched:
    """A hand-in without a student: a stranger, or a name that fits several people."""

    named: str
    source: str
    candidates: tuple[str, ...] = ()
    is_ambiguous: bool = False
    why: str = ""


@dataclass(frozen=True)
class ReadDownload:
    """A download: its name, its layout and the number of hand-ins in it."""

    name: str
    layout: str
    hand_ins: int


@dataclass
class Report:
    """All findings. ``changed`` are the students whose folder in ``submitted/`` changed.

    ``taken_in`` are those whose folder held files that the store did not know; ``failed`` maps
    students to the reason why nothing was changed. ``later_modules`` maps students to a sentence
    about Python files that came after the notebooks beside them.
    """

    assignment: str
    is_dry: bool
    downloads: list[ReadDownload] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    taken_in: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    later_modules: dict[str, str] = field(default_factory=dict)
    zone: str = ""

    @property
    def has_changed(self) -> bool:
        """Whether anything was written, or would be in a dry run."""
        return bool(self.changed or self.taken_in) or any(
            row.news is not News.AGAIN for row in self.rows
        )
