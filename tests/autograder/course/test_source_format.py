from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import source_format
from autograder.course.layout import Course
from autograder.course.source import load_bundle
from autograder.errors import SourceError


class JupyterFormat:
    """A notebook as JupyterLab saves it: an example of a second format."""

    suffix = ".ipynb"

    def parse(self, text: str, name: str) -> NotebookNode:
        notebook: NotebookNode = nbformat.reads(text, as_version=4)
        return notebook


def test_a_second_format_needs_a_suffix_and_a_parser(
    tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_course.source / "tiny" / "01_tiny.py"
    other = path.with_suffix(".ipynb")
    nbformat.write(jupytext.read(path), other)
    with pytest.raises(SourceError, match=r"01_tiny\.ipynb is not a source notebook.*'\.ipynb'"):
        load_bundle(other)
    formats = (*source_format.FORMATS, JupyterFormat())
    monkeypatch.setattr(source_format, "FORMATS", formats)
    assert load_bundle(other).cells == load_bundle(path).cells


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_make_no_difference(tiny_course: Course, ending: str) -> None:
    path: Path = tiny_course.source / "tiny" / "01_tiny.py"
    cells = load_bundle(path).cells
    path.write_bytes(path.read_bytes().replace(b"\n", ending.encode()))
    assert load_bundle(path).cells == cells
