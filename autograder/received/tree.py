"""The files of ``submitted/STUDENT/ASSIGNMENT/``, put together from the versions that count."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path, PurePosixPath

from autograder.course.source import NotebookBundle
from autograder.files.file_kinds import Kind, kind_of
from autograder.files.hand_in_time import FILE as TIMESTAMP
from autograder.files.hand_in_time import HandInTime
from autograder.received.versions.version import Version
from autograder.submission.beside import names_of_weights
from autograder.submission.folder import HandedIn, sort_files
from autograder.submission.recognition import expected_name


@dataclass
class Tree:
    """Puts the files into a new folder.

    The newest version is copied as it came; of older versions only the notebooks that count, their
    weights, and Python files that no newer version has. A notebook gets its released name, if the
    version holds one file for it.
    """

    into: Path
    scratch: Path
    bundles: Sequence[NotebookBundle]
    sources: dict[str, Version] = field(default_factory=dict)  # the version of each file
    _taken: set[str] = field(default_factory=set)

    def build(self, versions: Sequence[Version], counting: Mapping[str, Version]) -> None:
        """Copy the files of ``versions``, which are in the order of their hand-ins."""
        self.into.mkdir(parents=True)
        for number, version in enumerate(reversed(versions)):
            counts = {name for name, one in counting.items() if one.name == version.name}
            others = {name for name, held in version.notebooks.items() if held.is_readable} - counts
            sorted_out = self._sorted(version, number)
            before = set(self._taken)
            when = version.order[0] if len(versions) > 1 else None
            if not version.notebooks or (number == 0 and not others):
                self._copy_whole(version, sorted_out, when)
            else:
                self._copy_parts(version, sorted_out, counts, when)
            self.sources |= dict.fromkeys(self._taken - before, version)

    def later_modules(self, counting: Mapping[str, Version]) -> dict[str, list[str]]:
        """The Python files that were handed in after a notebook beside them, with its name."""
        found: dict[str, list[str]] = {}
        for path, source in sorted(self.sources.items()):
            if kind_of(path) is not Kind.MODULE:
                continue
            for name, version in counting.items():
                is_same = version.digests.get(path) == source.digests.get(path, "")
                if source.order > version.order and not is_same:
                    found.setdefault(path, []).append(name)
        return found

    def _sorted(self, version: Version, number: int) -> HandedIn:
        return sort_files(version.files, list(self.bundles), self.scratch / str(number))

    def _copy_whole(self, version: Version, sorted_out: HandedIn, when: datetime | None) -> None:
        names = {path: path for path in version.digests}
        released = {expected_name(bundle) for bundle in self.bundles}
        for bundle in self.bundles:
            choice = sorted_out.choices.get(bundle.name)
            expected = expected_name(bundle)
            if choice is None or choice.others or choice.file.source or expected in names:
                continue
            if choice.file.name in names and choice.file.name not in released:
                names[choice.file.name] = expected
        needed = _files_of(sorted_out)
        ages = {path: (version.files / path).stat().st_mtime_ns for path in names}
        ranks = {time: rank for rank, time in enumerate(sorted(set(ages.values()), reverse=True))}
        for path, name in names.items():
            at = None if when is None else when - timedelta(seconds=ranks[ages[path]])
            self._place(version.files / path, name, at, is_needed=path in needed)

    def _copy_parts(
        self, version: Version, sorted_out: HandedIn, counts: set[str], when: datetime | None
    ) -> None:
        chosen = [name for name in sorted_out.choices if name in counts]
        for name in chosen:
            path = sorted_out.choices[name].file.path
            self._place(path, f"{name}.ipynb", when, is_needed=True)
        modules: dict[str, Path] = {}
        for name in chosen or sorted_out.choices:
            for place, path in sorted_out.modules_beside(name).items():
                modules.setdefault(place, path)
        for place, path in modules.items():
            self._place(path, place, when)
        foreign = names_of_weights(one for one in self.bundles if one.name not in counts)
        foreign -= names_of_weights(one for one in self.bundles if one.name in counts)
        for rank, file in enumerate((*sorted_out.weights, *sorted_out.pictures) if chosen else ()):
            if file.last_name not in foreign:
                at = None if when is None else when - timedelta(seconds=rank)
                self._place(file.path, file.last_name, at)

    def _place(
        self, source: Path, name: str, when: datetime | None, is_needed: bool = False
    ) -> None:
        """Copy a file. A path that a newer version took stays; a needed file gets a number.

        ``when`` is the new time of the file, naive UTC; None keeps its time.
        """
        if name == TIMESTAMP:
            return  # only the store writes the time of hand-in
        if not self._has_room(name):
            if not is_needed:
                return
            name = next(one for one in _numbered(name) if self._has_room(one))
        target = self.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target, follow_symlinks=False)
        time_ns = source.stat().st_mtime_ns if when is None else _ns(when)
        os.utime(target, ns=(time_ns, time_ns))
        self._taken.add(name)

    def _has_room(self, name: str) -> bool:
        if name in self._taken or name.split("/")[0] == TIMESTAMP:
            return False
        folders = {str(one) for one in PurePosixPath(name).parents} - {"."}
        return folders.isdisjoint(self._taken) and not any(
            one.startswith(f"{name}/") for one in self._taken
        )


def timestamp_text(times: Sequence[HandInTime]) -> str:
    """The text for ``timestamp.txt``: the latest time; empty if none is known.

    A time that is not certain is written without a zone: its readers then know the doubt.
    """
    known = [time for time in times if time.when is not None]
    if not known:
        return ""
    latest = max(known, key=lambda time: time.when or datetime.min)
    is_certain = all(_is_certain(time) for time in times)
    return f"{latest.when:%Y-%m-%d %H:%M:%S}" + (" UTC" if is_certain else "")


def _is_certain(time: HandInTime) -> bool:
    return time.when is not None and time.margin <= timedelta(minutes=1)


def _ns(when: datetime) -> int:
    return int(when.replace(tzinfo=UTC).timestamp()) * 10**9


def _files_of(sorted_out: HandedIn) -> set[str]:
    """The names of files, or of archives, that hold a graded notebook."""
    return {choice.file.names[0] for choice in sorted_out.choices.values()}


def _numbered(name: str) -> Iterator[str]:
    """``a (2).ipynb``, ``a (3).ipynb`` and so on."""
    path = PurePosixPath(name)
    return (str(path.with_name(f"{path.stem} ({number}){path.suffix}")) for number in count(2))
