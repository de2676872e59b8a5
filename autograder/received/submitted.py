"""Derives ``submitted/STUDENT/ASSIGNMENT/`` from the store. Files of a lecturer are kept there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.atomic_write import disk_error
from autograder.errors import UsageError
from autograder.files.hand_in_time import FILE as TIMESTAMP
from autograder.files.hand_in_time import hand_in_time
from autograder.received.disk.incoming import Incoming, sync_folder
from autograder.received.disk.lock import one_writer
from autograder.received.disk.swap import put_in_place
from autograder.received.record import (
    WrittenTree,
    digest_of_file,
    paths_in,
    read_record,
    state_of,
    timestamp_in,
    write_record,
)
from autograder.received.store import Added, Store, Version
from autograder.received.tree import Tree, timestamp_text
from autograder.received.versions.origin import SUBMITTED_FOLDER, Origin

# Folders with this start are no student's, see ``files.student_folders``.
_STAGING = ".trash-collect-"


def take_in(store: Store, assignment: str, student: str) -> Added | None:
    """Store the files in ``submitted/`` that the store does not know, as a version of their own.

    None if there are none. A changed ``timestamp.txt`` takes in all files there. Raises UsageError
    if the folder or its parent is a link, or holds one.
    """
    folder = _place(store, assignment, student)
    paths = paths_in(folder)
    trees = read_record(store.folder(assignment, student))
    timestamp = timestamp_in(folder)
    is_ours = bool(trees) and timestamp in ("", *(tree.timestamp for tree in trees))
    known = {(name, state.digest) for tree in trees for name, state in tree.files.items()}
    stored = {
        digest
        for version in store.versions(assignment, student)
        for digest in version.digests.values()
    }
    unknown = {}
    for name, path in paths.items():
        digest = digest_of_file(path)
        if not is_ours and trees:
            unknown[name] = path  # the time was changed by hand
        elif (name, digest) not in known and digest not in stored:
            unknown[name] = path
    if not unknown:
        return None
    files = [Incoming(name, path, _time_of(path)) for name, path in unknown.items()]
    time = hand_in_time(folder)
    ordered_at = trees[-1].ordered_at if trees else max(_naive(one.modified_at) for one in files)
    if time.when is not None and not trees:
        ordered_at = time.when
    name = f"submitted/{student}/{assignment}"
    origin = Origin(SUBMITTED_FOLDER, "", name, timestamp, time, ordered_at)
    return store.add(assignment, student, files, origin)


@dataclass(frozen=True)
class Derived:
    """A student's folder in ``submitted/`` after it was derived.

    ``taken_in`` is the version of a lecturer's files that were found there. ``later_modules`` are
    the Python files that were handed in after a notebook beside them, with the notebooks.
    """

    folder: Path
    is_changed: bool
    tree: WrittenTree
    taken_in: Version | None = None
    later_modules: Mapping[str, Sequence[str]] = field(default_factory=dict)


def derive_submitted(store: Store, assignment: str, student: str) -> Derived | None:
    """Write the files that count, and their time; None if the store holds none of the student.

    Files there that the store does not know are taken in before. In a dry run nothing is written.
    Raises UsageError if a link is in the way, and DiskError.
    """
    folder = _place(store, assignment, student)
    added = take_in(store, assignment, student)
    versions = store.versions(assignment, student)
    if not versions:
        return None
    counting = store.counting(assignment, student)
    times = {name: version.origin.time for name, version in counting.items()}
    told = list(times.values()) or [versions[-1].origin.time]
    with _staging(store) as staging:
        new = staging / "new"
        bundles, _ = store.bundles(assignment)
        try:
            made = Tree(new, staging / "scratch", bundles)
            made.build(versions, counting)
            if timestamp := timestamp_text(told):
                (new / TIMESTAMP).write_text(f"{timestamp}\n")
        except OSError as error:
            raise disk_error(error, folder) from error
        tree = WrittenTree(
            {name: state_of(path) for name, path in paths_in(new).items()},
            timestamp,
            times,
            versions[-1].order[0],
        )
        is_changed = not _holds(folder, tree)
        if store.rehearsal is None:
            with one_writer(store.course, assignment):
                _write(store, assignment, student, new, tree, is_changed)
        taken_in = added.version if added else None
        return Derived(folder, is_changed, tree, taken_in, made.later_modules(counting))


def _write(
    store: Store, assignment: str, student: str, new: Path, tree: WrittenTree, is_changed: bool
) -> None:
    """The steps in an order that a kill can end anywhere: record, folder, record."""
    record, folder = store.folder(assignment, student), _place(store, assignment, student)
    if not is_changed:
        files = {name: state_of(folder / name) for name in tree.files}
        kept = WrittenTree(files, tree.timestamp, tree.times, tree.ordered_at)
        if read_record(record) != [kept]:
            write_record(record, kept)
        return
    old = read_record(record)
    try:
        for inner, _, names in os.walk(new):
            for name in names:
                _sync_file(Path(inner) / name)
            sync_folder(Path(inner))
        write_record(record, *old, tree)
        folder.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(new, folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise disk_error(error, folder) from error
    write_record(record, tree)


def _holds(folder: Path, tree: WrittenTree) -> bool:
    paths = paths_in(folder)
    if paths.keys() != tree.files.keys() or timestamp_in(folder) != tree.timestamp:
        return False
    if not folder.is_dir():
        return False
    return all(
        path.stat().st_size == tree.files[name].size
        and digest_of_file(path) == tree.files[name].digest
        for name, path in paths.items()
    )


def _place(store: Store, assignment: str, student: str) -> Path:
    """The folder in ``submitted/``. Raises UsageError if it or its parent is a link or a file."""
    store.folder(assignment, student)  # checks the names
    folder = store.course.submitted / student / assignment
    for one in (folder.parent, folder):
        if one.is_symlink() or (one.exists() and not one.is_dir()):
            raise UsageError(f"{one} is no plain folder; nothing was changed there")
    return folder


@contextmanager
def _staging(store: Store) -> Iterator[Path]:
    """A new folder on the file system of ``submitted/``, or in the folder of a dry run."""
    if store.rehearsal is not None:
        parent, prefix = store.rehearsal.parent, "tree-"
    else:
        parent, prefix = store.course.submitted, _STAGING
        parent.mkdir(parents=True, exist_ok=True)
        for entry in os.scandir(parent):
            if entry.name.startswith(_STAGING) and not _is_used(entry.name):
                shutil.rmtree(entry.path, ignore_errors=True)
    with TemporaryDirectory(prefix=f"{prefix}{os.getpid()}-", dir=parent) as staging:
        yield Path(staging)


def _is_used(name: str) -> bool:
    """Whether the process that made a staging folder runs."""
    pid = name.removeprefix(_STAGING).partition("-")[0]
    return pid.isdecimal() and Path(f"/proc/{pid}").exists()


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _time_of(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _naive(time: datetime | None) -> datetime:
    return datetime.min if time is None else time.astimezone(UTC).replace(tzinfo=None)
