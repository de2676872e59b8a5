"""Gradescope, "Export Submissions" of a programming assignment.

A zip or folder ``assignment_123_export/`` with ``submission_metadata.yml`` and a folder
``submission_456/`` for each active submission. The metadata has, for each of these folders,
``:submitters:`` (each with ``:name:``, ``:sid:`` and ``:email:``) and ``:created_at:``, the time of
the hand-in with its zone. The members of a group hand in together. The export is described in
Gradescope's help centre, "Exporting submissions"; the fields of the metadata stand in public
scripts that read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml
from dateutil import parser

from autograder.collect.download import (
    Claim,
    Download,
    DownloadedFile,
    HandIn,
    Left,
    RecordedTime,
    Sorted,
    grouped,
)
from autograder.collect.layouts.layout import Class, Layout, is_clutter

METADATA = "submission_metadata.yml"
MAX_MB = 64
_FOLDER = re.compile(r"submission_\d+")
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Gradescope(Layout):
    """Gradescope's export of submissions."""

    name = "gradescope"
    title = "Gradescope"

    def marks(self, path: str, about: Class) -> bool:
        parts = path.split("/")
        return parts[-1] == METADATA or any(_FOLDER.fullmatch(part) for part in parts[:2])

    def sort(self, download: Download, about: Class) -> Sorted:
        found: list[tuple[str, DownloadedFile, str]] = []
        left: list[Left] = []
        facts: dict[str, Any] = {}
        for file in download.files:
            where = next(
                (n for n, part in enumerate(file.parts[:-1]) if _FOLDER.fullmatch(part)), None
            )
            if where is not None:
                found.append((file.parts[where], file, "/".join(file.parts[where + 1 :])))
            elif file.name == METADATA:
                facts, problem = _read(file)
                left += [Left(file.path, problem)] if problem else []
            elif not is_clutter(file.path):
                left.append(Left(file.path, "in no folder of a submission"))
        hand_ins = []
        for folder, files in grouped(found).items():
            about_it = facts.get(folder)
            people = list(_submitters(about_it))
            if not people:
                left.append(Left(folder, f"{METADATA} names no student for it"))
            for claim in people:
                hand_ins.append(HandIn(claim, tuple(files), _time(about_it)))
        return Sorted(tuple(hand_ins), tuple(left))


def _read(file: DownloadedFile) -> tuple[dict[str, Any], str]:
    """The metadata by folder, and the reason if there is none."""
    try:
        if file.content.stat().st_size > MAX_MB << 20:
            return {}, f"larger than {MAX_MB} MB"
        document = yaml.load(file.content.read_bytes(), _Tolerant)
    except (yaml.YAMLError, OSError, ValueError, RecursionError) as error:
        return {}, f"cannot be read ({type(error).__name__})"
    if not isinstance(document, dict):
        return {}, "holds no submissions"
    return {str(key): value for key, value in document.items()}, ""


class _Tolerant(_LOADER):  # type: ignore[misc]
    """A safe loader that reads Ruby's tagged objects as plain mappings."""


def _plain(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Tolerant.add_multi_constructor("!", _plain)


def _submitters(about: Any) -> Iterator[Claim]:
    people = _field(about, "submitters")
    for one in people if isinstance(people, list) else ():
        name, sid, email = (str(_field(one, key) or "").strip() for key in ("name", "sid", "email"))
        if name or sid or email:
            yield Claim(
                told=name or sid or email,
                texts=tuple(text for text in (sid, name) if text),
                lms_ids=(sid,) if sid else (),
                emails=(email,) if email else (),
                proposed_id=sid or email or name,
            )


def _time(about: Any) -> RecordedTime:
    value = _field(about, "created_at")
    if isinstance(value, Mapping):  # a time of Ruby on Rails
        value = value.get("utc") or value.get("time")
    if isinstance(value, str):
        try:
            value = parser.parse(value)
        except (ValueError, OverflowError):
            return RecordedTime(
                value[:60], reason=f"{METADATA} says “{value[:60]}”, which is no time"
            )
    if not isinstance(value, datetime):
        return RecordedTime(reason=f"{METADATA} names no time of hand-in")
    if value.tzinfo is None:
        return RecordedTime(value.isoformat(sep=" "), local=value)
    return RecordedTime(value.isoformat(sep=" "), utc=value.astimezone(UTC))


def _field(about: Any, name: str) -> Any:
    if not isinstance(about, Mapping):
        return None
    return about.get(f":{name}", about.get(name))
