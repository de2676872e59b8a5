"""The notebooks in the files of a version."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.course.source import NotebookBundle
from autograder.files.digests import PartsDigest
from autograder.received.versions.version import Held
from autograder.submission.folder import HandedIn, sort_files


def course_digest(bundles: Sequence[NotebookBundle]) -> str:
    """A digest of an assignment by which its notebooks are recognised."""
    digest = PartsDigest()
    for bundle in bundles:
        digest.add(bundle.name)
        digest.add("\n".join(cell.grade_id for cell in bundle.graded))
        digest.add("\n".join(str(cell.exercise) for cell in bundle.answers))
    return digest.hex


def held_notebooks(files: Path, bundles: Sequence[NotebookBundle]) -> dict[str, Held]:
    """The notebooks in a folder of files, archives included."""
    with tempfile.TemporaryDirectory() as scratch:
        return held_in(sort_files(files, list(bundles), Path(scratch) / "unpacked"))


def held_in(handed_in: HandedIn) -> dict[str, Held]:
    """The notebooks of sorted files, with the file or archive that holds each."""
    found: dict[str, Held] = {}
    for name, choice in handed_in.choices.items():
        read = handed_in.read.get(name)
        content = read.content if read is not None else None
        is_readable = content is None or content.notebook is not None
        found[name] = Held(choice.file.names[0], is_readable)
    return found
