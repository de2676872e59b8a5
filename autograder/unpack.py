"""Unpacks submissions that came as a zip, as the last cell of a notebook packs them."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path, PurePosixPath

from autograder.whole_file import disk_error, is_full

KINDS = (".ipynb", ".py", ".safetensors")
MAX_FILES, MAX_MB = 100, 128


def unpack(folder: Path, into: Path) -> tuple[list[Path], list[str]]:
    """Unpack the zips of a folder into another, emptied before; the files, and notes on them.

    Only notebooks, modules and weights come out, each under its last name: no path of an archive
    is followed. An archive that is broken, locked or too large is noted and skipped.
    """
    shutil.rmtree(into, ignore_errors=True)
    files: list[Path] = []
    notes: list[str] = []
    for path in sorted(folder.glob("*.zip")):
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        try:
            files += _members(path, into / path.stem)
        except Exception as error:  # the decompressors raise many kinds for damaged data
            shutil.rmtree(into / path.stem, ignore_errors=True)
            if isinstance(error, OSError) and is_full(error):
                raise disk_error(error, into) from error  # no fault of the archive
            reason = error.strerror if isinstance(error, OSError) else error  # without our path
            notes.append(f"{path.name}: could not be unpacked ({reason})")
        else:
            notes.append(f"{path.name}: unpacked")
    return files, notes


def _members(path: Path, into: Path) -> list[Path]:
    """The useful files of one archive, written into a folder."""
    stamp = path.stat().st_mtime
    files: list[Path] = []
    room = MAX_MB << 20
    with zipfile.ZipFile(path) as archive:
        wanted = [entry for entry in archive.infolist() if _is_useful(entry)]
        if len(wanted) > MAX_FILES:
            raise ValueError(f"more than {MAX_FILES} files")
        for entry in wanted:
            with archive.open(entry) as packed:
                data = packed.read(room + 1)  # what it says of its size may be a lie
            room -= len(data)
            if room < 0:
                raise ValueError(f"more than {MAX_MB} MB")
            file = into / PurePosixPath(entry.filename).name
            if file not in files:
                into.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
                os.utime(file, (stamp, stamp))
                files.append(file)
    return files


def _is_useful(entry: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(entry.filename).name
    hidden = name.startswith(".") or entry.filename.startswith("__MACOSX/")
    return not entry.is_dir() and not hidden and name.lower().endswith(KINDS)
