"""Modules, helper packages and weights that go into the sandbox with a notebook."""

from __future__ import annotations

import importlib.machinery
import re
import sys
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from autograder.course.source import NotebookBundle
from autograder.files.file_kinds import WEIGHTS, Kind, kind_of
from autograder.files.found_file import FoundFile, newest_first
from autograder.files.unused_files import Unused, UnusedFile

MAX_MODULE_MB, MAX_MODULES_MB, MAX_WEIGHTS_MB = 1, 8, 48
MAX_MODULES, MAX_WEIGHTS = 200, 20
Folder = tuple[tuple[tuple[str, int], ...], tuple[str, ...]]  # archives around it, then its path
_WEIGHTS_NAME = re.compile(rf"[\w-]+{re.escape(WEIGHTS)}")
_NEVER = ("sitecustomize", "usercustomize")


def modules_within_limits(
    files: Sequence[FoundFile], unused: list[UnusedFile]
) -> tuple[FoundFile, ...]:
    """The Python files that the sandbox may get, the newest first."""
    small: list[FoundFile] = []
    for file in newest_first([file for file in files if kind_of(file.name) is Kind.MODULE]):
        if file.path.stat().st_size > MAX_MODULE_MB << 20:
            reason = f"it is larger than {MAX_MODULE_MB} MB"
            unused.append(UnusedFile(file.names, Unused.IGNORED, reason))
        else:
            small.append(file)
    return _within(MAX_MODULES_MB, MAX_MODULES, "modules", small, unused)


def weights_within_limits(
    files: Sequence[FoundFile], expected: Container[str], unused: list[UnusedFile]
) -> tuple[FoundFile, ...]:
    """The weights that the sandbox may get, the newest first, then expected names first."""
    order = newest_first(files, lambda file: file.last_name in expected)
    return _within(MAX_WEIGHTS_MB, MAX_WEIGHTS, "weights", order, unused)


def names_of_weights(bundles: Iterable[NotebookBundle]) -> frozenset[str]:
    """The file names of weights that the notebooks use."""
    return frozenset(name for bundle in bundles for name in _names_in(bundle))


@lru_cache(maxsize=64)  # asked for each student
def _names_in(bundle: NotebookBundle) -> frozenset[str]:
    texts = (cell.source for cell in bundle.cells)
    return frozenset(name for text in texts for name in _WEIGHTS_NAME.findall(text))


def placed_beside(
    notebook: FoundFile, files: Sequence[FoundFile], unused: list[UnusedFile]
) -> dict[str, FoundFile]:
    """The places of files in the sandbox, as paths from the notebook's folder, in their order.

    A file from another folder goes into its package, or beside the notebook. If two files have one
    place, the first is taken. Modules that would shadow an installed module are left out.
    """
    packages = {(file.source, file.folder) for file in files if file.last_name == "__init__.py"}
    placed: dict[str, FoundFile] = {}
    for file in files:
        place = _place(notebook, file, packages)
        top = PurePosixPath(place).parts[0].removesuffix(".py")
        if kind_of(file.name) is Kind.MODULE and _is_taken(top):
            unused.append(UnusedFile(file.names, Unused.SHADOWS))
        elif place not in placed and _has_room(place, placed):
            placed[place] = file
        else:
            reason = f"{placed[place].label} is newer" if place in placed else "its place is taken"
            unused.append(UnusedFile(file.names, Unused.IGNORED, reason))
    return placed


def _place(notebook: FoundFile, file: FoundFile, packages: set[Folder]) -> str:
    base, folder = notebook.folder, file.folder
    if file.source == notebook.source and folder[: len(base)] == base:
        return "/".join((*folder[len(base) :], file.last_name))
    kept = 0
    while kept < len(folder) and (file.source, folder[: len(folder) - kept]) in packages:
        kept += 1
    return "/".join((*folder[len(folder) - kept :], file.last_name))


def _has_room(place: str, placed: dict[str, FoundFile]) -> bool:
    """Whether a file and a folder would need the same place."""
    parents = {str(parent) for parent in PurePosixPath(place).parents}
    return parents.isdisjoint(placed) and not any(other.startswith(f"{place}/") for other in placed)


@lru_cache(maxsize=4096)
def _is_taken(name: str) -> bool:
    """Whether Python or an installed package has a module of this name."""
    if name in sys.stdlib_module_names or name in _NEVER:
        return True
    spec = importlib.machinery.PathFinder.find_spec(name) if name.isidentifier() else None
    if spec is None:
        return False
    # a folder of data in the working directory is not an installed package
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    return spec.loader is not None or any(folder.parent != Path.cwd() for folder in folders)


def _within(
    limit_mb: int,
    most: int,
    kind: str,
    files: Sequence[FoundFile],
    unused: list[UnusedFile],
) -> tuple[FoundFile, ...]:
    """The first files that fit into the limits together."""
    kept: list[FoundFile] = []
    room = limit_mb << 20
    for file in files:
        size = file.path.stat().st_size
        if size > room:
            reason = f"the {kind} together are larger than {limit_mb} MB"
            unused.append(UnusedFile(file.names, Unused.IGNORED, reason))
        elif len(kept) == most:
            reason = f"there are more than {most} {kind}"
            unused.append(UnusedFile(file.names, Unused.IGNORED, reason))
        else:
            room -= size
            kept.append(file)
    return tuple(kept)
