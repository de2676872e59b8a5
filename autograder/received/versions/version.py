"""One version of a student's files for one assignment, as it lies in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.files.digests import PartsDigest
from autograder.received.versions.origin import Origin, read, written

FILES, ORIGIN = "files", "origin.json"
_FORMAT = 1
_DIGITS = 20  # of the digest in a folder's name


@dataclass(frozen=True)
class Held:
    """A notebook in a version: the path of its file, and whether the file can be read.

    The path is in ``files``; for a packed file, the archive's.
    """

    file: str
    is_readable: bool = True


@dataclass(frozen=True)
class Version:
    """One version. ``digests`` maps the path of each file in ``files`` to its SHA-256.

    ``notebooks`` are the notebooks that it holds; ``course`` is a digest of the assignment by
    which they were recognised.
    """

    folder: Path
    assignment: str
    student: str
    origin: Origin
    collected_at: datetime
    digests: Mapping[str, str]
    notebooks: Mapping[str, Held] = field(default_factory=dict)
    course: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def files(self) -> Path:
        """The folder of its files."""
        return self.folder / FILES

    @property
    def digest(self) -> str:
        """A digest of the paths and bytes of its files."""
        return digest_of(self.digests)

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """A sort key: the oldest hand-in first."""
        when = self.origin.ordered_at or self.origin.time.when or self.collected_at
        return when, self.collected_at, self.name

    @property
    def hand_in(self) -> tuple[str, str, str]:
        """A key of the hand-in: equal for two readings of its time."""
        return self.digest, self.origin.kind, self.origin.recorded

    def document(self) -> dict[str, Any]:
        """The text of ``origin.json`` as JSON."""
        return {
            "format": _FORMAT,
            "assignment": self.assignment,
            "student": self.student,
            "collected_at": written(self.collected_at),
            "origin": self.origin.document(),
            "files": dict(self.digests),
            "notebooks": {
                name: {"file": held.file, "is_readable": held.is_readable}
                for name, held in self.notebooks.items()
            },
            "recognised_by": self.course,
        }

    def text(self) -> str:
        """The text of ``origin.json``."""
        return json.dumps(self.document(), indent=1) + "\n"


def folder_name(origin: Origin, digests: Mapping[str, str]) -> str:
    """``TIME-DIGEST``: the UTC time of the hand-in and the digest of the files."""
    when = origin.time.when
    time = "unknown"
    if when is not None:
        time = f"{when:%Y%m%dT%H%M%S}" + (f".{when:%f}" if when.microsecond else "") + "Z"
    return f"{time}-{digest_of(digests)[:_DIGITS]}"


def read_version(folder: Path) -> Version:
    """The version in a folder. Raises OSError, and ValueError if ``origin.json`` is damaged."""
    text = (folder / ORIGIN).read_bytes()
    try:
        document = json.loads(text)
        collected_at = read(document["collected_at"])
        if document["format"] != _FORMAT or collected_at is None:
            raise ValueError("another format")
        return Version(
            folder,
            str(document["assignment"]),
            str(document["student"]),
            Origin.read(document["origin"]),
            collected_at,
            {str(path): str(digest) for path, digest in document["files"].items()},
            {
                str(name): Held(str(held["file"]), bool(held["is_readable"]))
                for name, held in document["notebooks"].items()
            },
            str(document["recognised_by"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder.name}/{ORIGIN} is damaged: {error!r}") from error


def digest_of(digests: Mapping[str, str]) -> str:
    """One digest of paths and digests, in hex."""
    parts = PartsDigest()
    for path, digest in sorted(digests.items()):
        parts.add(path.encode(errors="surrogatepass"))
        parts.add(digest)
    return parts.hex
