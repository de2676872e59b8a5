"""The origin of a version: where it came from, and the time of its hand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from autograder.files.hand_in_time import HandInTime

SUBMITTED_FOLDER = "submitted folder"


@dataclass(frozen=True)
class Origin:
    """Where a version came from.

    ``kind`` names the way in, such as ``moodle`` or ``web``. ``file`` is the download's name and
    ``name`` the student's name in it. ``recorded`` is the time as it was written there, before a
    zone was chosen. ``time`` is the time of hand-in; its doubt says why it is not certain.
    ``ordered_at`` is a naive UTC time that orders versions instead of an unknown time of hand-in.
    ``marked_late`` is the mark of the system itself, None if it sets none. ``paths`` are the paths
    of the files in the download, by their paths in the version; feedback goes back under them.
    """

    kind: str
    file: str = ""
    name: str = ""
    recorded: str = ""
    time: HandInTime = field(default_factory=HandInTime)
    ordered_at: datetime | None = None
    marked_late: bool | None = None
    paths: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The origin as JSON."""
        return {
            "kind": self.kind,
            "file": self.file,
            "name": self.name,
            "recorded": self.recorded,
            "handed_in_at": written(self.time.when),
            "margin_s": self.time.margin.total_seconds(),
            "doubt": self.time.doubt,
            "ordered_at": written(self.ordered_at),
            "marked_late": self.marked_late,
            "paths": dict(self.paths),
        }

    @classmethod
    def read(cls, document: dict[str, Any]) -> Origin:
        """The origin from JSON. Raises KeyError, TypeError and ValueError."""
        margin = timedelta(seconds=float(document["margin_s"]))
        time = HandInTime(read(document["handed_in_at"]), str(document["doubt"]), margin)
        late = document["marked_late"]
        return cls(
            str(document["kind"]),
            str(document["file"]),
            str(document["name"]),
            str(document["recorded"]),
            time,
            read(document["ordered_at"]),
            None if late is None else bool(late),
            {str(name): str(path) for name, path in document.get("paths", {}).items()},
        )


def written(time: datetime | None) -> str | None:
    """A naive UTC time as text: ``2026-10-01T21:59:58Z``."""
    return None if time is None else f"{time.isoformat()}Z"


def read(text: str | None) -> datetime | None:
    """The naive UTC time in a text of ``written``. Raises ValueError."""
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
