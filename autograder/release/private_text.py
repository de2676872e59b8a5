"""Refuses a release that holds a private text: a marker, a part of a check, a private file.

The rules for names keep private files out of a release. This is the second line of defence, for a
copy under another name, a hidden test without its markers, and a configuration that renames them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import nbformat

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle
from autograder.errors import SourceError
from autograder.nbgrader_api.public_files import files_of, is_private

MARKERS = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS", "BEGIN SOLUTION", "END SOLUTION",
           "BEGIN MARK SCHEME", "END MARK SCHEME")  # fmt: skip
_HIDDEN = re.compile(
    r"BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[^\n]*END HIDDEN TESTS", re.MULTILINE | re.DOTALL
)
_RUN_LINES, _RUN_LETTERS = 3, 130  # a private passage; common code is shorter
_WHOLE_LETTERS = 60  # of a short private text that is found as a whole
_FILE_BYTES = 16  # shorter files are alike by chance


class PrivateText:
    """All private texts of an assignment."""

    def __init__(self, course: Course, assignment: str, bundles: Sequence[NotebookBundle]) -> None:
        folder, lessons = course.source / assignment, {bundle.path: bundle for bundle in bundles}
        self._public = {
            line
            for bundle in bundles
            for cell, text in zip(bundle.cells, bundle.released, strict=True)
            if cell.is_solution
            for line in _lines(text)
        }
        self._passages: list[tuple[str, list[str]]] = []
        self._digests: dict[str, str] = {}
        for path in files_of(folder):
            name = str(path.relative_to(course.root))
            if path in lessons:
                self._add_lesson(name, lessons[path].data)
            elif is_private(path.relative_to(folder).parts):
                self._add_file(name, path)

    def refuse_in(self, files: Mapping[str, bytes]) -> None:
        """Raise SourceError if a file, by its path in the release, holds a private text."""
        for name, data in files.items():
            if same := self._digests.get(_digest(data)):
                raise SourceError(f"{name} would be released, and is the same file as {same}")
            for where, text in _texts(name, data):
                self._refuse_text(where, text)

    def refuse_in_cells(self, bundle: NotebookBundle) -> None:
        """Raise SourceError if a cell holds a private text in the form that students get."""
        for cell, text in zip(bundle.cells, bundle.released, strict=True):
            where = f"{bundle.assignment}/{bundle.name}, cell {cell.grade_id or cell.index + 1}"
            self._refuse_text(where, text)

    def _refuse_text(self, where: str, text: str) -> None:
        if marker := next((one for one in MARKERS if one in text), ""):
            raise SourceError(
                f"{where} would be released with the marker {marker!r}. Give each region its BEGIN "
                "and END in one cell, and leave nbgrader's markers as they are"
            )
        lines = [line for line in _lines(text) if line not in self._public]
        for name, private in self._passages:
            if passage := _common(private, lines):
                raise SourceError(
                    f"{where} would be released with a text of {name}: {passage!r}. Take it out, "
                    "or move code that both need to source/shared"
                )

    def _add_lesson(self, name: str, data: bytes) -> None:
        self._digests[_digest(data)] = name
        for hidden in _HIDDEN.findall(data.decode()):
            self._add(f"a hidden test of {name}", hidden)

    def _add_file(self, name: str, path: Path) -> None:
        if path.suffix == ".ipynb":
            return  # made from a lesson; of prose alone, it is the release
        data = path.read_bytes()
        if len(data) >= _FILE_BYTES:
            self._digests[_digest(data)] = name
        if path.suffix != ".pyc":
            with suppress(UnicodeDecodeError):
                self._add(name, data.decode())

    def _add(self, name: str, text: str) -> None:
        if lines := [line for line in _lines(text) if line not in self._public]:
            self._passages.append((name, lines))


def _common(private: Sequence[str], released: Sequence[str]) -> str:
    """The first line of a private passage among the released lines; empty if there is none."""
    places: dict[str, list[int]] = {}
    for place, line in enumerate(released):
        places.setdefault(line, []).append(place)
    for start, line in enumerate(private):
        for place in places.get(line, []):
            count = 0
            while (
                start + count < len(private)
                and place + count < len(released)
                and private[start + count] == released[place + count]
            ):
                count += 1
            letters = sum(map(len, private[start : start + count]))
            is_whole = count == len(private) and letters >= _WHOLE_LETTERS
            if is_whole or (count >= _RUN_LINES and letters >= _RUN_LETTERS):
                return line
    return ""


def _lines(text: str) -> list[str]:
    """The lines that tell one text from another: no imports, comments and brackets."""
    stripped = (line.strip() for line in text.splitlines())
    return [
        line
        for line in stripped
        if len(line) > 3 and not line.startswith(("import ", "from ", "#"))
    ]


def _texts(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """The texts in a released file, with their places: in a notebook, its cells and outputs."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    if not name.endswith(".ipynb"):
        yield name, text
        return
    for number, cell in enumerate(nbformat.reads(text, as_version=4).cells, 1):
        where = f"{name}, cell {cell.metadata.get('nbgrader', {}).get('grade_id', '') or number}"
        yield where, cell.source
        for output in cell.get("outputs", []):
            yield where, output.get("text", "") + output.get("data", {}).get("text/plain", "")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
