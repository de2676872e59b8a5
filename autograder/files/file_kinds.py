"""The kinds of handed-in files, by name and by first bytes."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath


class Kind(StrEnum):
    """The use that the grader has for a file."""

    CLUTTER = "made by an editor or a system: never read"
    ARCHIVE = "a zip or tar: unpacked"
    OTHER_ARCHIVE = "an archive that cannot be unpacked here"
    NOTEBOOK = "named like a notebook"
    MODULE = "Python"
    WEIGHTS = "named like weights"
    PICTURE = "a picture that a text may show"
    PICKLE = "weights in a format that can hide code"
    MAYBE = "read to see whether it is a notebook or weights"
    DOCUMENT = "text or an export of a notebook for people"
    LINK = "holds an address only"
    DATA = "anything else"


WEIGHTS = ".safetensors"
_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz")
_OTHER_ARCHIVES = (".7z", ".rar", ".zst", ".lz", ".lzma", ".z", ".cab", ".dmg", ".iso")
_PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".hdf5", ".keras", ".npz", ".npy")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".pages", ".tex", ".md", ".mht", ".mhtml")
_LINKS = (".url", ".webloc", ".lnk", ".gdoc", ".desktop", ".icloud")
_MAYBE = ("", ".json", ".txt", ".html", ".htm", ".download", ".bin", ".part", ".crdownload")
_BY_ENDING = (  # these patterns come before all other parts of a name
    (Kind.ARCHIVE, _ARCHIVES),
    (Kind.OTHER_ARCHIVE, _OTHER_ARCHIVES),
    (Kind.PICKLE, _PICKLES),
    (Kind.PICTURE, _PICTURES),
    (Kind.DOCUMENT, _DOCUMENTS),
    (Kind.LINK, _LINKS),
)
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")  # the first bytes of gzip, bzip2 and xz
_ADDRESS, _SHORT = b"colab.research.google.com/", 4_000
_COPY = re.compile(r"(?:[ _-]*\(\d+\)|[ _-]+cop(?:y|ia)| - kopie|-\d+)+$", re.IGNORECASE)
_CHECKPOINT = re.compile(
    r"-checkpoint(?:[ _-]*\(\d+\)|[ _-]+copy|-\d+)*(?:\.[^/]*)?$", re.IGNORECASE
)
_TOOL_FOLDERS = {
    "__macosx",
    "__pycache__",
    "node_modules",
    "site-packages",
    "autosave",
    "autosaves",
}
_LEFT_BY_EDITORS = ("~", ".swp", ".swo", ".autosave", ".bak", ".tmp")
_GIVEN = {"timestamp.txt", "desktop.ini", "thumbs.db"}


def kind_of(name: str) -> Kind:
    """The kind of a file by its path in the student's folder or archive."""
    *folders, last = PurePosixPath(name).parts or ("",)
    lower = last.lower()
    if any(part.startswith(".") or part.lower() in _TOOL_FOLDERS for part in (*folders, lower)):
        return Kind.CLUTTER
    if lower.endswith(_LEFT_BY_EDITORS) or lower in _GIVEN or lower.startswith(("~$", "#")):
        return Kind.CLUTTER
    if _CHECKPOINT.search(lower):
        return Kind.CLUTTER
    ending = _ending(lower)
    for kind, endings in _BY_ENDING:
        if ending in endings:
            return kind
    if ".ipynb" in lower:
        return Kind.NOTEBOOK
    if WEIGHTS in lower:
        return Kind.WEIGHTS
    if ending == ".py":
        return Kind.MODULE
    return Kind.MAYBE if ending in _MAYBE else Kind.DATA


def kind_of_content(name: str, head: bytes, size: int | None) -> Kind:
    """The kind of a file by its name or, if the name is not clear, by its first bytes.

    ``head`` holds 512 bytes or more, or the whole file if it is smaller. ``size`` is in bytes, None
    if unknown.
    """
    kind = kind_of(name)
    if kind in (Kind.NOTEBOOK, Kind.ARCHIVE):
        return _inside(head) or kind
    if kind not in (Kind.MAYBE, Kind.MODULE, Kind.DOCUMENT, Kind.DATA):
        return kind
    if _starts_like_weights(head, size):
        return Kind.WEIGHTS
    if kind is not Kind.DATA and starts_like_notebook(head):
        return Kind.NOTEBOOK
    if kind is Kind.MAYBE:
        if (inside := _inside(head)) is not None:
            return inside
        if _ADDRESS in head and len(head) < _SHORT:
            return Kind.LINK
        if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
            return Kind.DOCUMENT
    return kind


def is_copy_of_notebook(name: str) -> bool:
    """Whether clutter is a copy of a notebook that a person may mistake for the notebook."""
    last = PurePosixPath(name).name.lower()
    return ".ipynb" in last and not last.startswith((".", "~$"))


def _inside(head: bytes) -> Kind | None:
    """The kind by the first bytes alone, for archives and notebooks."""
    if head.startswith((b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")):
        return Kind.OTHER_ARCHIVE
    if head.startswith((b"PK\x03\x04", *PACKED)) or head[257:262] == b"ustar":
        return Kind.ARCHIVE
    return Kind.NOTEBOOK if starts_like_notebook(head) else None


def _starts_like_weights(head: bytes, size: int | None) -> bool:
    """Whether a file starts like safetensors: the length of a JSON text, then that text."""
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and length >= 2 and (size is None or length <= size - 8)


def starts_like_notebook(head: bytes) -> bool:
    """Whether the first bytes may start a notebook's JSON, in any known encoding."""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head.lstrip(b" \t\r\n\x00").startswith(b"{")


def _ending(lower: str) -> str:
    """The ending of a name, without a number that a browser or a person added."""
    ending = PurePosixPath(_COPY.sub("", lower)).suffix
    plain = PurePosixPath(lower).suffix
    return ending if ending and " " not in ending else (plain if " " not in plain else "")
