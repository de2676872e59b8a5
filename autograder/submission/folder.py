"""The files of one student, assigned to notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from autograder.course.source import NotebookBundle
from autograder.files.archive import Unpacker, emptied
from autograder.files.file_kinds import Kind, kind_of, kind_of_content
from autograder.files.folder_files import files_in
from autograder.files.found_file import (
    DecidedBy,
    FoundFile,
    decided_by,
    newest_first,
    time_that_decided,
)
from autograder.files.unused_files import MAX_TOLD, Unused, UnusedFile, no_access
from autograder.reading_budget import BudgetSpent, ReadingBudget
from autograder.results import storable
from autograder.submission.beside import (
    modules_within_limits,
    names_of_weights,
    placed_beside,
    weights_within_limits,
)
from autograder.submission.recognition import (
    Means,
    ReadFile,
    Recognised,
    expected_name,
    recognise,
)

MAX_KEPT_BYTES = 64 << 20  # memory for the notebooks of one student while they are sorted
_HEAD = 4 << 10  # bytes that are read to find a file's kind
_EXPORT_MARKS = (b"# In[", b"# %%", b"get_ipython()")


@dataclass(frozen=True)
class Choice:
    """The graded file of a notebook, the reason, and the other files, newest first."""

    notebook: str
    file: FoundFile
    means: Means
    decided_by: DecidedBy
    others: tuple[FoundFile, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is the only file, in the folder itself, under the released name."""
        return (
            not self.others and self.file.name == f"{self.notebook}.ipynb" and not self.file.source
        )


@dataclass(frozen=True)
class HandedIn:
    """The files of one student for one assignment, by their use.

    ``modules`` and ``weights`` list the possible files beside a notebook, the newest first.
    ``modules_beside`` and ``weights_beside`` give their places for one notebook. ``pictures`` may
    be shown in the notebook's text, the newest first. ``unused`` lists the files without a use.
    ``read`` holds the graded files as they were read, by notebook.
    """

    choices: dict[str, Choice] = field(default_factory=dict)  # by notebook
    modules: tuple[FoundFile, ...] = ()
    weights: tuple[FoundFile, ...] = ()
    pictures: tuple[FoundFile, ...] = ()
    unused: tuple[UnusedFile, ...] = ()
    read: dict[str, ReadFile] = field(default_factory=dict, compare=False, repr=False)

    def pictures_by_name(self) -> dict[str, Path]:
        """The handed-in pictures, by name without folders; the newest of equal names."""
        return {file.last_name: file.path for file in reversed(self.pictures)}

    @property
    def notebooks(self) -> dict[str, Path]:
        """The paths of the graded files, by notebook."""
        return {name: choice.file.path for name, choice in self.choices.items()}

    def modules_beside(self, notebook: str) -> dict[str, Path]:
        """The Python files that a notebook may import: path in the sandbox to file."""
        return self._beside(notebook, self.modules)

    def weights_beside(self, notebook: str) -> dict[str, Path]:
        """The weights beside a notebook, the newest first: path in the sandbox to file."""
        return self._beside(notebook, self.weights)

    def _beside(self, notebook: str, files: tuple[FoundFile, ...]) -> dict[str, Path]:
        placed = placed_beside(self.choices[notebook].file, files, [])
        return {storable(place): file.path for place, file in placed.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes for the student: the graded files, and the use of the other files."""
        told = [_told(choice) for choice in self.choices.values() if not choice.is_plain]
        if len(self.weights) > 1:
            told.append(f"weights, the newest first: {_listed(list(self.weights))}")
        unused = [file.note for file in self.unused]
        if len(unused) > MAX_TOLD:
            unused = [*unused[:MAX_TOLD], f"and {len(unused) - MAX_TOLD} more files were not used"]
        return tuple(map(storable, (*told, *unused)))


def sort_files(
    folder: Path,
    bundles: list[NotebookBundle],
    scratch: Path,
    budget: ReadingBudget | None = None,
    handed_in_at: Mapping[str, datetime] | None = None,
) -> HandedIn:
    """Assign the files of a folder to notebooks; of several files the newest readable one counts.

    Archives are unpacked into ``scratch``, which is emptied before. Only used files stay there. See
    ``newest_first`` for the order and ``files_in`` for ``handed_in_at``.
    """
    budget = budget or ReadingBudget()
    unused: list[UnusedFile] = []
    unpacker = Unpacker(emptied(scratch), budget, unused)
    files: list[FoundFile] = []
    kinds: dict[FoundFile, Kind] = {}
    for file in newest_first(files_in(folder, budget, unused, handed_in_at or {})):
        try:
            kinds[file] = _kind(file)
        except OSError as error:
            unused.append(no_access(file.names, error))
            continue
        files += unpacker.unpack(file) if kinds[file] is Kind.ARCHIVE else [file]
    sorted_out = _Sorter(bundles, budget, unused).sort(files, kinds)
    used = {choice.file.path for choice in sorted_out.choices.values()}
    others = (*sorted_out.modules, *sorted_out.weights, *sorted_out.pictures)
    used |= {file.path for file in others}
    for file in files:
        if file.source and file.path not in used:
            file.path.unlink(missing_ok=True)
    return sorted_out


@dataclass
class _Sorter:
    """Sort the files of one student after archives were unpacked."""

    bundles: list[NotebookBundle]
    budget: ReadingBudget
    unused: list[UnusedFile]
    room: int = MAX_KEPT_BYTES

    def sort(self, files: list[FoundFile], kinds: Mapping[FoundFile, Kind]) -> HandedIn:
        """Sort the files; ``kinds`` holds the known kinds."""
        notebooks: list[Recognised] = []
        modules: list[FoundFile] = []
        weights: list[FoundFile] = []
        pictures: list[FoundFile] = []
        rest: list[tuple[FoundFile, Kind]] = []
        for file in newest_first(files):
            kind = kinds.get(file) or _kind(file)
            if kind is Kind.NOTEBOOK:
                notebooks += self._recognised(file)
            elif kind is Kind.MODULE:
                modules.append(file)
            elif kind is Kind.WEIGHTS:
                weights.append(file)
            elif kind is Kind.PICTURE:
                pictures.append(file)
            else:
                rest.append((file, kind))
        choices = self._choices(notebooks)
        is_whole = all(bundle.name in choices for bundle in self.bundles)
        self.unused += [UnusedFile(file.names, _reason(kind)) for file, kind in rest]
        if not is_whole:
            self.unused += [
                UnusedFile(file.names, Unused.EXPORT) for file in modules if self._is_export(file)
            ]
        kept_modules = modules_within_limits(modules, self.unused)
        kept_weights = weights_within_limits(weights, names_of_weights(self.bundles), self.unused)
        for choice in choices.values():  # a file without a place is noted once
            placed_beside(choice.file, kept_modules, self.unused)
            placed_beside(choice.file, kept_weights, self.unused)
        told = [file for file in self.unused if not is_whole or file.reason.is_always_told]
        chosen = {choice.file: name for name, choice in choices.items()}
        read = {chosen[one.file]: one.read for one in notebooks if one.file in chosen}
        unused = tuple(dict.fromkeys(told))
        return HandedIn(choices, kept_modules, kept_weights, tuple(pictures), unused, read)

    def _recognised(self, file: FoundFile) -> list[Recognised]:
        try:
            found = recognise(file, self.bundles, self.budget)
        except BudgetSpent as spent:
            self.unused.append(UnusedFile(file.names, Unused.LIMIT, str(spent)))
            return []
        except OSError as error:
            self.unused.append(no_access(file.names, error))
            return []
        if found.notebook is not None:
            return [self._kept(found)]
        is_named = kind_of(file.name) is Kind.NOTEBOOK
        reason = Unused.OTHER_NOTEBOOK if is_named else Unused.OTHER
        self.unused.append(UnusedFile(file.names, reason))
        return []

    def _kept(self, found: Recognised) -> Recognised:
        """The same, without its content if there is no room for that."""
        content = found.read.content
        size = content.memory_bytes if content is not None else 0
        if size > self.room:
            return replace(found, read=replace(found.read, content=None))
        self.room -= size
        return found

    def _choices(self, notebooks: list[Recognised]) -> dict[str, Choice]:
        choices: dict[str, Choice] = {}
        for bundle in self.bundles:
            expected = expected_name(bundle)
            candidates = [one for one in notebooks if one.notebook == bundle.name]
            if not candidates:
                continue

            def is_expected(file: FoundFile, name: str = expected) -> bool:
                return file.last_name == name

            means = {one.file: one.means for one in candidates}
            readable = [one.file for one in candidates if one.is_readable]
            broken = [one.file for one in candidates if not one.is_readable]
            order = newest_first(readable, is_expected) + newest_first(broken, is_expected)
            by = decided_by(order[0], order[1], is_expected) if len(order) > 1 else DecidedBy.ONLY
            if readable and newest_first([*readable, *broken], is_expected)[0] != order[0]:
                by = DecidedBy.READABLE
            choices[bundle.name] = Choice(
                bundle.name, order[0], means[order[0]], by, tuple(order[1:])
            )
        return choices

    def _is_export(self, file: FoundFile) -> bool:
        """Whether a Python file is the export of a notebook, not a module."""
        lower = file.last_name.lower()
        if any(bundle.name.lower() in lower for bundle in self.bundles):
            return True
        head = _head(file)
        return any(mark in head for mark in _EXPORT_MARKS)


def _kind(file: FoundFile) -> Kind:
    return kind_of_content(file.name, _head(file), file.path.stat().st_size)


def _head(file: FoundFile) -> bytes:
    with file.path.open("rb") as opened:
        return opened.read(_HEAD)


def _reason(kind: Kind) -> Unused:
    return {
        Kind.OTHER_ARCHIVE: Unused.OTHER_ARCHIVE,
        Kind.DOCUMENT: Unused.DOCUMENT,
        Kind.LINK: Unused.ADDRESS,
        Kind.PICKLE: Unused.PICKLE,
        Kind.CLUTTER: Unused.CHECKPOINT,
    }.get(kind, Unused.OTHER)


def _told(choice: Choice) -> str:
    """Name the graded file of a notebook and the reason."""
    file = choice.file
    if not choice.others:
        return f"{file.label}: recognised as {choice.notebook} by its {choice.means.value}"
    why = {
        DecidedBy.NAME: "it has the expected name, and the times are equal",
        DecidedBy.PATH: "the first by path, as the times are equal",
        DecidedBy.READABLE: "the newest that can be read",
    }.get(choice.decided_by, "the newest")
    when = time_that_decided(file, choice.others[0])
    if when is not None:
        clock = "" if choice.decided_by is DecidedBy.ENTRY else " UTC"
        by = choice.decided_by.value if why == "the newest" else "its time"
        why += f" ({by}: {when:%Y-%m-%d %H:%M:%S}{clock})"
    return (
        f"{choice.notebook}: {file.label} was graded, {why}; "
        f"another copy of {choice.notebook}: {_listed(list(choice.others))}"
    )


def _listed(files: list[FoundFile]) -> str:
    """The labels of some files with their times."""
    shown = [_with_time(file) for file in files[:MAX_TOLD]]
    if len(files) > MAX_TOLD:
        shown.append(f"and {len(files) - MAX_TOLD} more")
    return ", ".join(shown)


def _with_time(file: FoundFile) -> str:
    time = file.steps[0].time
    return file.label if time is None else f"{file.label} ({time:%Y-%m-%d %H:%M:%S} UTC)"
