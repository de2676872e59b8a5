"""The files beside a lesson that students may get, by any command.

nbgrader copies each file beside a source notebook into the release, except for the names in
``c.CourseDirectory.ignore``. Courses of earlier versions name fewer folders there than are private
today. These rules hold for every configuration.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

# Folders of checks and their data. Copies of them, such as ``exercises.bak``, are private too.
_FOLDERS = re.compile(
    r"(exercises|misconceptions|private)(?![a-z])|__pycache__$|ipynb_checkpoints$"
)
# The lesson, its notebook, and copies of both by editors, such as ``01_sums.py~``.
_LESSONS = re.compile(r"\d.*_.*\.py(?![a-z0-9])|.*\.ipynb(?![a-z0-9])")
_OF_EDITORS = ".#~"  # editors put these before the name of a copy


def is_private(parts: tuple[str, ...]) -> bool:
    """Whether these names, from an assignment's folder on, lead to a file that stays private.

    Upper case counts as lower case. A name may hold a remark of an editor: ``.01_sums.py.swp``.
    """
    names = [part.casefold().lstrip(_OF_EDITORS) for part in parts]
    return any(_FOLDERS.match(name) or _LESSONS.match(name) for name in names)


def is_public(path: Path, folder: Path) -> bool:
    """Whether students may get the file ``path`` beside the lessons in ``folder``.

    For a link, the target decides as well: it has to be public and must lie among the sources of
    the course, or outside of the course.
    """
    if is_private(path.relative_to(folder).parts):
        return False
    target, sources = path.resolve(), folder.resolve().parent
    if target.is_relative_to(sources):
        return not is_private(target.relative_to(sources).parts[1:])
    return not target.is_relative_to(sources.parent)


def files_of(folder: Path) -> Iterator[Path]:
    """All files in a folder and the folders in it, in order.

    Links to folders are not followed, as in nbgrader.
    """
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(place, name)).is_file())


def public_files(folder: Path) -> list[Path]:
    """All files beside the lessons in ``folder`` that students may get, in order."""
    return [path for path in files_of(folder) if is_public(path, folder)]


def links_left_out(folder: Path) -> list[Path]:
    """The links beside the lessons that are not followed; a private name needs no remark."""
    found = []
    for place, folders, names in os.walk(folder):
        for path in sorted(Path(place, name) for name in [*folders, *names]):
            if path.is_symlink() and not is_private(path.relative_to(folder).parts):
                if not path.is_file() or not is_public(path, folder):
                    found.append(path)
    return found


def private_files_in_release(folder: Path) -> list[Path]:
    """The files in a released assignment that students must not get, such as of an older release.

    The notebooks at the top are the release itself. A link is never a part of a release.
    """
    found = []
    for place, folders, names in os.walk(folder):
        for path in sorted(Path(place, name) for name in [*names, *folders]):
            parts = path.relative_to(folder).parts
            is_notebook = len(parts) == 1 and path.suffix == ".ipynb"
            is_file = path.name in names
            if path.is_symlink() or (is_file and is_private(parts) and not is_notebook):
                found.append(path)
    return found


def clear_release(folder: Path) -> list[Path]:
    """Remove the files that students must not get from a released assignment; returns their paths.

    Folders that are empty then are removed too.
    """
    removed = private_files_in_release(folder)
    for path in removed:
        path.unlink()
    for place, _, _ in os.walk(folder, topdown=False):
        if Path(place) != folder and not any(Path(place).iterdir()):
            Path(place).rmdir()
    return removed
