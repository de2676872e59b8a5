"""The students who handed in an assignment, and folders with nearly the right name."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from autograder.course.layout import Course
from autograder.files.file_kinds import Kind, kind_of

_ALIKE = 0.8  # the ratio of ``difflib`` from which two names count as similar
_TOOLS = {
    ".git", ".svn", ".hg", ".github", ".ipynb_checkpoints", ".virtual_documents", ".jupyter",
    ".ipython", ".vscode", ".idea", ".cache", ".config", ".local", ".autograder", ".trash",
    ".trashes", ".fseventsd", ".spotlight-v100", ".temporaryitems", ".ds_store", ".venv",
    "__pycache__", "__macosx", "lost+found",
}  # fmt: skip


class Oddity(Enum):
    """The reason why a folder or a student's files were not read."""

    NEAR = "is not the assignment's folder. Is its name spelled right?"
    LOOSE = "lies in the student's folder, not in the assignment's"
    NOBODYS = "lies in no student's folder"
    LINK = "is a link that leads out of the submissions"


@dataclass(frozen=True)
class OddFolder:
    """A file or folder in ``submitted/STUDENT`` that may have been meant to be handed in.

    ``student`` is empty for a file in ``submitted`` itself.
    """

    student: str
    name: str
    oddity: Oddity

    @property
    def path(self) -> str:
        """The path in ``submitted``."""
        return f"{self.student}/{self.name}" if self.student else self.name

    @property
    def told(self) -> str:
        """The problem, as the end of a sentence."""
        return self.oddity.value


@dataclass(frozen=True)
class StudentFolders:
    """The students who handed in an assignment, in order, and odd folders."""

    students: tuple[str, ...]
    odd: tuple[OddFolder, ...]


def is_student(name: str) -> bool:
    """Whether a folder may be a student's: ids and folders of tools may both start with a dot."""
    lower = name.lower()
    return lower not in _TOOLS and not lower.startswith((".trash-", ".nfs"))


def folders_in(folder: Path) -> list[str]:
    """The names of folders that may be students', in order; links count as well."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as listed:
        return sorted(entry.name for entry in listed if is_student(entry.name) and entry.is_dir())


def chosen(names: Sequence[str], wanted: str) -> list[str]:
    """The name itself if it exists, else the names that match it as a pattern."""
    if wanted in names and wanted != "*":
        return [wanted]
    return [name for name in names if fnmatchcase(name, wanted)]


def student_folders(course: Course, assignment: str) -> StudentFolders:
    """The students with a folder for the assignment. Names are never used as patterns."""
    others = {*course.assignment_names()} - {assignment}
    students: list[str] = []
    odd: list[OddFolder] = []
    root = course.submitted.resolve()
    for name in _files_in(course.submitted):
        if _is_hand_in(name):
            odd.append(OddFolder("", name, Oddity.NOBODYS))
    for student in folders_in(course.submitted):
        found = False
        loose: list[str] = []
        with os.scandir(course.submitted / student) as listed:
            for entry in sorted(listed, key=lambda entry: entry.name):
                if not entry.is_dir():
                    if entry.name == assignment or _is_hand_in(entry.name):
                        loose.append(entry.name)
                elif entry.name == assignment:
                    if Path(entry.path).resolve().is_relative_to(root):
                        found = True
                    else:
                        odd.append(OddFolder(student, entry.name, Oddity.LINK))
                elif entry.name not in others and _is_near(entry.name, assignment):
                    odd.append(OddFolder(student, entry.name, Oddity.NEAR))
        if found:
            students.append(student)
        else:
            odd += [OddFolder(student, name, Oddity.LOOSE) for name in loose]
    return StudentFolders(tuple(students), tuple(odd))


def _files_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as listed:
        return sorted(entry.name for entry in listed if entry.is_file(follow_symlinks=False))


def _is_hand_in(name: str) -> bool:
    return kind_of(name) in (Kind.NOTEBOOK, Kind.ARCHIVE, Kind.OTHER_ARCHIVE)


def _is_near(name: str, assignment: str) -> bool:
    one, other = (
        "".join(letter for letter in text.casefold() if letter.isalnum())
        for text in (name, assignment)
    )
    if one == other:
        return True
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE
