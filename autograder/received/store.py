"""The store of received files: every version of every student, each written whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from autograder.atomic_write import disk_error, write_whole
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment
from autograder.errors import UsageError
from autograder.received.disk.incoming import (
    Incoming,
    digests_of,
    make_private,
    sync_folder,
    write_files,
)
from autograder.received.disk.lock import one_writer
from autograder.received.disk.names import check_folder_name
from autograder.received.versions.counting import CountingPolicy, Latest, counting_versions
from autograder.received.versions.origin import Origin
from autograder.received.versions.recognised import course_digest, held_notebooks
from autograder.received.versions.version import FILES, ORIGIN, folder_name, read_version
from autograder.received.versions.version import Version as Version

_PARTIAL = ".partial-"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Added:
    """The version of a hand-in; ``is_new`` is false if the store held it before."""

    version: Version
    is_new: bool


@dataclass
class Store:
    """The received files of a course, in ``.autograder/received/ASSIGNMENT/STUDENT/``.

    Each folder there holds one version: its files in ``files`` and its origin in ``origin.json``.
    A version never changes. ``rehearsal`` is a folder for a dry run: new versions go there, and the
    course stays as it is.
    """

    course: Course
    policy: CountingPolicy = field(default_factory=Latest)
    rehearsal: Path | None = None
    now: Callable[[], datetime] = _now

    def __post_init__(self) -> None:
        self.bundles = cache(self._load)

    def _load(self, assignment: str) -> tuple[list[NotebookBundle], str]:
        bundles = load_assignment(self.course, assignment)
        return bundles, course_digest(bundles)

    def folder(self, assignment: str, student: str) -> Path:
        """The folder of a student's versions. Raises UsageError for a name that is no folder's."""
        check_folder_name(assignment, "the assignment")
        check_folder_name(student, "the student")
        return self.course.state / "received" / assignment / student

    def students(self, assignment: str) -> list[str]:
        """The students with a version of the assignment, in order."""
        check_folder_name(assignment, "the assignment")
        found: set[str] = set()
        for root in self._roots():
            folder = root / assignment
            if folder.is_dir():
                found |= {one.name for one in os.scandir(folder) if one.is_dir()}
        return sorted(found)

    def add(
        self, assignment: str, student: str, files: Sequence[Incoming], origin: Origin
    ) -> Added:
        """Store one hand-in. After the return it survives a kill.

        Equal files with an equal time are stored once. If the store holds the hand-in with another
        reading of its time, the new reading counts. Raises UsageError, TooMuch and DiskError.
        """
        folder = self._target(assignment, student)
        self.course.state.mkdir(parents=True, exist_ok=True)
        if self.rehearsal is not None:
            return self._add(folder, assignment, student, files, origin)
        with one_writer(self.course, assignment):
            return self._add(folder, assignment, student, files, origin)

    def _add(
        self,
        folder: Path,
        assignment: str,
        student: str,
        files: Sequence[Incoming],
        origin: Origin,
    ) -> Added:
        if not files:
            raise UsageError(f"{student}: there is no file to store")
        bundles, course = self.bundles(assignment)
        digests = digests_of(files)
        name = folder_name(origin, digests)
        version = Version(
            folder / name, assignment, student, origin, self.now(), digests, {}, course
        )
        known = {one.name: one for one in self._every(assignment, student)}
        if name in known:
            return self._again(known[name], version, list(known.values()))
        make_private(folder)
        _clear_leftovers(folder)
        partial = folder / f"{_PARTIAL}{os.getpid()}"
        try:
            write_files(files, digests, partial / FILES)
            version = replace(version, notebooks=held_notebooks(partial / FILES, bundles))
            write_whole(partial / ORIGIN, version.text())
            try:
                (partial / ORIGIN).chmod(0o600)
                sync_folder(partial)
                partial.rename(version.folder)
                sync_folder(folder)
            except OSError as error:
                raise disk_error(error, version.folder) from error
            return Added(version, True)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _again(self, known: Version, version: Version, others: Sequence[Version]) -> Added:
        """A hand-in that the store holds; its reading of the time counts from now on."""
        if known in _current(others) and known.origin.time == version.origin.time:
            if known.origin.paths != version.origin.paths and self.rehearsal is None:
                origin = replace(known.origin, paths=version.origin.paths)
                write_whole(known.folder / ORIGIN, replace(known, origin=origin).text())
            return Added(known, False)
        again = replace(known, origin=version.origin, collected_at=version.collected_at)
        folder = self._target(known.assignment, known.student) / known.name
        if folder != known.folder:  # a dry run
            shutil.copytree(known.folder, folder)
        again = replace(again, folder=folder)
        write_whole(folder / ORIGIN, again.text())
        return Added(again, True)

    def versions(self, assignment: str, student: str) -> list[Version]:
        """The versions of a student, the oldest hand-in first.

        Of several readings of one hand-in's time, the last one is listed.
        """
        return _current(self._every(assignment, student))

    def count(self, assignment: str, student: str) -> int:
        """The number of versions of a student. No file of theirs is read."""
        return len(_current([one for _, one in self._read(assignment, student) if one is not None]))

    def counting(self, assignment: str, student: str) -> dict[str, Version]:
        """The version that counts, for each notebook that the student handed in."""
        return counting_versions(self.versions(assignment, student), self.policy)

    def damaged(self, assignment: str, student: str) -> list[str]:
        """The names of versions whose ``origin.json`` cannot be read."""
        return [name for name, version in self._read(assignment, student) if version is None]

    def prune(self, assignment: str, student: str, keep: int) -> list[Version]:
        """Delete versions but the ``keep`` newest; the deleted ones are returned.

        A counting version, the last one, and versions that hold the newest copy of a path stay.
        """
        if keep < 1:
            raise UsageError("at least one version must be kept")
        with one_writer(self.course, assignment):
            versions = self.versions(assignment, student)
            kept = {one.name for one in versions[-keep:]}
            kept |= {one.name for one in self.counting(assignment, student).values()}
            newest = {path: one.name for one in versions for path in one.digests}
            kept |= set(newest.values())
            gone = [one for one in self._every(assignment, student) if one.name not in kept]
            for version in gone:
                _delete(version.folder)
            return sorted(gone, key=lambda version: version.order)

    def _every(self, assignment: str, student: str) -> list[Version]:
        found = self._read(assignment, student)
        return [self._recognised(version) for _, version in found if version is not None]

    def _recognised(self, version: Version) -> Version:
        """The version with the notebooks that it holds by the present source."""
        bundles, course = self.bundles(version.assignment)
        if version.course == course:
            return version
        return replace(version, notebooks=held_notebooks(version.files, bundles), course=course)

    def _read(self, assignment: str, student: str) -> list[tuple[str, Version | None]]:
        self.folder(assignment, student)  # checks the names
        found: dict[str, Version | None] = {}
        for root in self._roots():
            folder = root / assignment / student
            if not folder.is_dir():
                continue
            for entry in os.scandir(folder):
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(_PARTIAL):
                    try:
                        found[entry.name] = read_version(Path(entry.path))
                    except (OSError, ValueError):
                        found.setdefault(entry.name, None)
        return sorted(found.items())

    def _roots(self) -> list[Path]:
        roots = [self.course.state / "received"]
        return roots if self.rehearsal is None else [*roots, self.rehearsal]

    def _target(self, assignment: str, student: str) -> Path:
        folder = self.folder(assignment, student)
        return folder if self.rehearsal is None else self.rehearsal / assignment / student


def _current(versions: Sequence[Version]) -> list[Version]:
    """The versions in the order of their hand-ins, without older readings of the same hand-in."""
    last: dict[tuple[str, str, str], Version] = {}
    for version in sorted(versions, key=lambda version: version.collected_at):
        last[version.hand_in] = version
    return sorted(last.values(), key=lambda version: version.order)


def _clear_leftovers(folder: Path) -> None:
    """Delete the leftovers of a killed writer. The caller is the only writer."""
    for entry in os.scandir(folder):
        if entry.name.startswith(_PARTIAL):
            shutil.rmtree(entry.path, ignore_errors=True)


def _delete(folder: Path) -> None:
    """Delete a version; a kill leaves it whole or not in the list."""
    gone = folder.with_name(f"{_PARTIAL}{os.getpid()}-{folder.name}")
    folder.rename(gone)
    sync_folder(folder.parent)
    shutil.rmtree(gone)
