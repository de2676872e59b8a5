"""The TOML file that describes a competition."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from classroom.board.rules.labels import Labels, read_labels
from classroom.board.rules.metrics import METRICS
from classroom.board.rules.points import PointsRule, is_number, read_points
from classroom.errors import BadFile, ClassroomError, Problem

SLUG = "[a-z0-9][a-z0-9-]{0,62}"
PUBLIC_SCORES = ("ladder", "rounded")
REQUIRED = (
    "slug", "title", "metric", "labels", "public_fraction", "daily_limit", "team_size"
)  # fmt: skip
OPTIONAL = (
    "public_score", "opens_at", "closes_at", "time_zone", "classes", "guesses", "points"
)  # fmt: skip


@dataclass(frozen=True)
class CompetitionFile:
    """The checked values of the file."""

    slug: str
    title: str
    metric: str
    labels: Labels
    public_fraction: float
    daily_limit: int
    team_size: int
    public_score: str
    opens_at: datetime | None
    closes_at: datetime | None
    time_zone: str
    classes: int
    guesses: int
    points: PointsRule


@dataclass
class _Reader:
    """Takes values out of the file and collects their mistakes."""

    table: dict[str, Any]
    problems: list[str] = field(default_factory=list)

    def text(self, key: str, pattern: str, meaning: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self._wrong(key, value, meaning)
            return ""
        return value

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self.table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self._wrong(key, value, f"a whole number from {least} to {most}")
            return least
        return value

    def fraction(self, key: str) -> float:
        value = self.table.get(key)
        if not is_number(value) or not 0 < value < 1:
            self._wrong(key, value, "a number between 0 and 1")
            return 0.5
        return float(value)

    def zone(self, key: str) -> str:
        value = self.table.get(key, "UTC")
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
            self._wrong(key, value, 'the name of a time zone, such as "Europe/Berlin"')
            return "UTC"

    def moment(self, key: str, zone: str) -> datetime | None:
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, datetime):
            self._wrong(key, self.table[key], "a date with a time, such as 2026-12-01T23:59:59Z")
            return None
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        if "time_zone" not in self.table:
            self._wrong(
                key,
                value.isoformat(),
                "an offset behind it (Z, +01:00), or the key time_zone in the file",
            )
            return None
        first, second = (value.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            self._wrong(
                key,
                value.isoformat(),
                f"an offset behind it: in {zone} clocks change in this hour",
            )
        return first.astimezone(UTC)

    def _wrong(self, key: str, value: Any, expected: str) -> None:
        if key in self.table:
            self.problems.append(f"{key} is {value!r}, expected {expected}")


def read_competition(path: Path) -> CompetitionFile:
    """Return the checked competition of a file; ``labels`` is relative to the file's folder.

    Raises BadFile with every problem of both files, ClassroomError for an unreadable file.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ClassroomError(f"{path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(str(path), [Problem(f"this is not TOML: {error}")]) from error
    reader = _Reader(table)
    reader.problems += [f"the key {key} is missing" for key in REQUIRED if key not in table]
    reader.problems += [
        f"{key} is not a key of a competition" for key in table if key not in REQUIRED + OPTIONAL
    ]
    slug = reader.text("slug", SLUG, "small letters, digits and hyphens, at most 63")
    title = reader.text("title", r"\S[^\x00-\x1f]{0,199}", "one line of text, at most 200 letters")
    metric = reader.text("metric", "|".join(METRICS), " or ".join(METRICS))
    public_score = reader.text(
        "public_score", "|".join(PUBLIC_SCORES), " or ".join(PUBLIC_SCORES), "ladder"
    )
    fraction = reader.fraction("public_fraction")
    daily_limit = reader.whole("daily_limit", 1, 10_000)
    team_size = reader.whole("team_size", 1, 1_000)
    zone = reader.zone("time_zone")
    opens_at, closes_at = reader.moment("opens_at", zone), reader.moment("closes_at", zone)
    if opens_at and closes_at and opens_at >= closes_at:
        reader.problems.append("opens_at is not before closes_at")
    labels = _labels(reader, path.parent)
    largest = int(labels.classes.max()) if labels else 1
    classes = reader.whole("classes", largest + 1, 10_000, max(2, largest + 1))
    guesses = reader.whole("guesses", 1, 5, 5 if metric == "top5_error" else min(5, classes))
    if labels and guesses > classes:
        reader.problems.append(
            f"{guesses} different guesses are not possible with {classes} classes; set classes or "
            "guesses"
        )
    points, wrong = read_points(table.get("points"), metric or METRICS[0])
    reader.problems += wrong
    if reader.problems or labels is None or points is None:
        raise BadFile(str(path), [Problem(text) for text in reader.problems])
    return CompetitionFile(
        slug, title, metric, labels, fraction, daily_limit, team_size, public_score,
        opens_at, closes_at, zone, classes, guesses, points,
    )  # fmt: skip


def _labels(reader: _Reader, folder: Path) -> Labels | None:
    name = reader.table.get("labels")
    if name is None:
        return None
    if not isinstance(name, str) or not name:
        reader.problems.append(f"labels is {name!r}, expected the path of a file")
        return None
    try:
        return read_labels(folder / name)
    except BadFile as error:
        reader.problems += [f"labels: {problem.detail}" for problem in error.problems]
        if error.more:
            reader.problems.append(f"labels: and {error.more} more problems")
    except (ClassroomError, ValueError) as error:
        reader.problems.append(f"labels: {error}")
    return None
