"""Handed-in files that were not used: the reason, and a better file to hand in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from autograder.files.found_file import label_of

_HAND_IN = (
    "Please hand in the notebook itself, the .ipynb file (Colab: File, Download, Download .ipynb; "
    "Jupyter: File, Download)."
)
MAX_TOLD = 30  # files that a note or a summary lists one by one


class Unused(Enum):
    """The reason why a file was not used. The student sees the value; it may hold ``{detail}``."""

    OTHER_NOTEBOOK = "not a notebook of this assignment"
    EXPORT = f"an export of a notebook cannot be graded. {_HAND_IN}"
    DOCUMENT = f"a document cannot be graded. {_HAND_IN}"
    ADDRESS = f"holds a link only, and links are not followed. {_HAND_IN}"
    CHECKPOINT = f"a copy that an editor made is never graded. {_HAND_IN}"
    OTHER_ARCHIVE = (
        "this kind of archive cannot be unpacked here. Please hand in a .zip, or the files."
    )
    BROKEN = "could not be unpacked ({detail})"
    NO_ACCESS = "could not be opened ({detail})"
    LOCKED = "could not be unpacked (it has a password). Please pack it without."
    LIMIT = "not read to its end: {detail}"
    LINK = "a link, ignored"
    SHADOWS = "ignored, because it would shadow an installed module"
    IGNORED = "ignored, because {detail}"
    PICKLE = "not read, because its format can hide code. Please save weights as .safetensors."
    OTHER = "not used"

    @property
    def is_always_told(self) -> bool:
        """Whether it is listed even if every notebook was found."""
        return self not in (
            Unused.EXPORT,
            Unused.DOCUMENT,
            Unused.ADDRESS,
            Unused.CHECKPOINT,
            Unused.PICKLE,
            Unused.OTHER,
        )


@dataclass(frozen=True)
class UnusedFile:
    """A file and the reason. ``names`` lead to it: the file or archive, then the entries."""

    names: tuple[str, ...]
    reason: Unused
    detail: str = ""

    @property
    def label(self) -> str:
        return label_of(self.names)

    @property
    def note(self) -> str:
        """A line for the student."""
        return f"{self.label}: {self.reason.value.replace('{detail}', self.detail)}"


def no_access(names: tuple[str, ...], error: OSError) -> UnusedFile:
    """A file or folder that the grader may not open."""
    return UnusedFile(names, Unused.NO_ACCESS, error.strerror or type(error).__name__)
