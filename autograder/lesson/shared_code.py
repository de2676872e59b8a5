"""Code that several notebooks share: written once, copied into each notebook when it is built.

A released notebook is self-contained. In the source, a line ``from shared.expect import expect``
stands for the text of ``source/shared/expect.py``, so the source lints like other Python.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import SourceError

FOLDER = "shared"
_IMPORT = re.compile(
    rf"^from {FOLDER}\.(\w+) import (?:\([^)]*\)|[^\n(]*)(?:[ \t]*#[^\n]*)?$", re.MULTILINE
)


class SharedCode:
    """The modules in a folder of shared code; each is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}

    def copy_into(self, notebook: NotebookNode) -> NotebookNode:
        """Replace each import of a module in the folder by the module's text, in place.

        A module is copied into a notebook once. Raises SourceError if the module does not exist or
        is not plain Python.
        """
        done: set[str] = set()
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = self._copied(cell.source, done).strip("\n")
        return notebook

    def text_with_copies(self, source: str) -> str:
        """One text with each import of a module in the folder replaced by the module's text.

        Raises SourceError as ``copy_into`` does.
        """
        return self._copied(source, set()).strip("\n")

    def _copied(self, source: str, done: set[str]) -> str:
        def text(found: re.Match[str]) -> str:
            name = found[1]
            if name in done:
                return "\0"
            done.add(name)
            return self._copied(self._text_of(name), done).strip("\n")

        return re.sub(r"\0\n?", "", _IMPORT.sub(text, source))

    def _text_of(self, name: str) -> str:
        if name not in self._texts:
            path = self._folder / f"{name}.py"
            if not path.is_file():
                raise SourceError(f"{path} is not there, and a notebook needs it")
            self._texts[name] = _body(path)
        return self._texts[name]


def _body(path: Path) -> str:
    """A module's text without its docstring and without ``from __future__``."""
    source = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise SourceError(f"{path}: {error.msg} in line {error.lineno}") from error
    lines = source.splitlines()
    first = tree.body[0] if tree.body else None
    dropped = [
        node
        for node in tree.body
        if (node is first and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    for node in reversed(dropped):
        del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)
