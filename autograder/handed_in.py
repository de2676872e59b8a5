"""The files of one student: which is which notebook, and what lies beside them."""

from __future__ import annotations

import importlib.machinery
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.bundle import NotebookBundle
from autograder.errors import UnreadableSubmission
from autograder.results import storable
from autograder.submission import MAX_BYTES, definitions, grade_id_of, read_notebook
from autograder.unpack import unpack

WEIGHTS = ".safetensors"
MAX_MODULE_MB, MAX_MODULES_MB, MAX_WEIGHTS_MB = 1, 8, 48
_CELLS = "cells"


@dataclass(frozen=True)
class HandedIn:
    """The files of one student for one assignment, sorted out."""

    notebooks: dict[str, Path]  # notebook name -> file
    files: tuple[Path, ...]  # modules and weights beside them
    notes: tuple[str, ...]


def sort_files(folder: Path, bundles: list[NotebookBundle], scratch: Path) -> HandedIn:
    """Which file is which notebook: the expected name wins, else the newest of its kind.

    What is packed into a zip is unpacked into ``scratch``; files beside it come first.
    """
    notes: list[str] = []
    files = [path for path in sorted(folder.iterdir()) if _is_plain(path, folder, notes)]
    unpacked, told = unpack(folder, scratch)
    notes += told
    there = {path.name for path in files}
    files += [path for path in unpacked if _is_notebook(path) or path.name not in there]
    found: dict[str, Path] = {}
    for path in files:
        if any(path.name == f"{bundle.name}.ipynb" for bundle in bundles):
            found.setdefault(path.stem, path)
    others = [path for path in files if _is_notebook(path) and path not in found.values()]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    known = {path: _recognise(path, bundles) for path in others}
    for path in sorted(others, key=lambda path: known[path][1] != _CELLS):  # whole ones first
        name, means = known[path]
        if name is None:
            notes.append(f"{path.name}: not a notebook of this assignment")
        elif name in found:
            notes.append(f"{path.name}: another copy of {name}; {found[name].name} was graded")
        else:
            found[name] = path
            notes.append(f"{path.name}: recognised as {name} by its {means}")
    beside = (*_modules(files, notes), *_weights(files, notes))
    return HandedIn(found, beside, tuple(map(storable, notes)))


def read_file(path: Path) -> bytes:
    """The bytes of a submitted file, or enough of them to see that it is too large."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _is_notebook(path: Path) -> bool:
    """Whether the name is a notebook's; browsers add endings of their own."""
    return ".ipynb" in path.name.lower() and not path.name.startswith(".")


def _is_plain(path: Path, folder: Path, notes: list[str]) -> bool:
    if path.is_symlink() or not path.is_file():
        if path.is_symlink():
            notes.append(f"{path.name}: a link, ignored")
        return False
    return path.resolve().is_relative_to(folder.resolve())


def _recognise(path: Path, bundles: list[NotebookBundle]) -> tuple[str | None, str]:
    """The notebook that a file is, and by what that was seen."""
    try:
        notebook = read_notebook(read_file(path))
    except (UnreadableSubmission, OSError):
        stem = path.stem.lower()
        return next((b.name for b in bundles if b.name.lower() in stem), None), "name"
    ids = {grade_id_of(cell) for cell in notebook.cells}
    names = frozenset[str]().union(
        *(definitions(c.source) for c in notebook.cells if c.cell_type == "code")
    )

    def likeness(bundle: NotebookBundle) -> int:
        by_id = sum(cell.grade_id in ids for cell in bundle.graded)
        return by_id + sum(cell.exercise in names for cell in bundle.answers)

    best = max(bundles, key=likeness, default=None)
    return (best.name if best is not None and likeness(best) > 0 else None), _CELLS


def _modules(files: list[Path], notes: list[str]) -> list[Path]:
    """Python files that may be imported: those that shadow nothing that is installed."""
    modules: list[Path] = []
    for path in files:
        if path.suffix != ".py":
            continue
        if (
            path.stem in sys.stdlib_module_names
            or path.stem in ("sitecustomize", "usercustomize")
            or (
                path.stem.isidentifier()
                and importlib.machinery.PathFinder.find_spec(path.stem) is not None
            )
        ):
            notes.append(f"{path.name}: ignored, because it would shadow an installed module")
        elif path.stat().st_size > MAX_MODULE_MB << 20:
            notes.append(f"{path.name}: ignored, because it is larger than {MAX_MODULE_MB} MB")
        else:
            modules.append(path)
    return _within(MAX_MODULES_MB, "modules", modules, notes)


def _weights(files: list[Path], notes: list[str]) -> list[Path]:
    """Weights of trained networks; their format is one that nothing can hide code in."""
    weights = [path for path in files if path.suffix == WEIGHTS]
    return _within(MAX_WEIGHTS_MB, "weights", weights, notes)


def _within(limit_mb: int, kind: str, files: list[Path], notes: list[str]) -> list[Path]:
    """The first of the files that are together no larger than the limit."""
    kept: list[Path] = []
    room = limit_mb << 20
    for path in files:
        if (size := path.stat().st_size) > room:
            reason = f"the {kind} together are larger than {limit_mb} MB"
            notes.append(f"{path.name}: ignored, because {reason}")
        else:
            room -= size
            kept.append(path)
    return kept
