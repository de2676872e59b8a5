"""Find a function in a file of another person, with the definitions that it needs.

``python -m benchmarks.naming.extract FILE FUNCTION`` prints the text and its digest.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import symtable
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.naming.manifest import digest

# modules that an answer may import in the sandbox
ALLOWED = frozenset(
    {"collections", "copy", "functools", "itertools", "math", "numpy", "random", "time", "torch",
     "typing", "warnings"}
)  # fmt: skip
GIVEN = frozenset({"xrange", "reduce", "np", "torch", "math"})  # names that common.py gives

_Definition = ast.FunctionDef | ast.ClassDef
_MAGIC = re.compile(r"^[ \t]*[%!]")


class NotFound(LookupError):
    """A file without the function, or a function that needs more than its file."""


@dataclass(frozen=True)
class Chunk:
    """One statement at the top of a module, with its text."""

    node: ast.stmt
    text: str

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that it defines."""
        names = set()
        if isinstance(self.node, ast.FunctionDef | ast.ClassDef):
            return frozenset({self.node.name})
        for node in ast.walk(self.node):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names |= {(item.asname or item.name).split(".")[0] for item in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
        return frozenset(names)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names that it reads from the module."""
        return frozenset(_global_reads(symtable.symtable(self.text, "<file>", "exec")))

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, ast.Import | ast.ImportFrom)


class Module:
    """The statements of a Python file, which need not be Python 3 as a whole."""

    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.chunks = list(self._read())

    @classmethod
    def of_file(cls, name: str, data: bytes) -> Module:
        """The module in a Python file or a notebook. Raises NotFound for a damaged notebook."""
        text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
        return cls(notebook_code(text) if name.endswith(".ipynb") else text)

    def chunk(self, name: str) -> Chunk:
        """The last definition of a function or class. Raises NotFound if there is none."""
        for chunk in reversed(self.chunks):
            if isinstance(chunk.node, ast.FunctionDef | ast.ClassDef) and chunk.node.name == name:
                return chunk
        raise NotFound(f"no function {name} that Python 3 reads")

    def function(self, name: str) -> str:
        """The text of ``function`` or ``Class.method``, without common indentation.

        Raises NotFound.
        """
        first, _, method = name.partition(".")
        chunk = self.chunk(first)
        if not method:
            return chunk.text
        (definition,) = ast.parse(chunk.text).body
        assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
        for node in reversed(definition.body):
            if isinstance(node, ast.FunctionDef) and node.name == method:
                return textwrap.dedent(_text_of(node, chunk.text.split("\n")))
        raise NotFound(f"{first} has no method {method}")

    def answer(self, names: list[str]) -> str:
        """The text of these functions or classes, after all of the file that they need.

        Raises NotFound for a name that may come from a module that is not there.
        """
        wanted = [self.chunk(name.partition(".")[0]) for name in names]
        taken = {id(chunk): chunk for chunk in wanted}
        queue = list(wanted)
        while queue:
            chunk = queue.pop()
            for name in sorted(chunk.needs - GIVEN):
                for source in self._definitions(name):
                    if id(source) not in taken:
                        taken[id(source)] = source
                        queue.append(source)
        return "\n\n".join(
            text for chunk in self.chunks if id(chunk) in taken and (text := _runnable(chunk))
        )

    def _definitions(self, name: str) -> list[Chunk]:
        found = [chunk for chunk in self.chunks if name in chunk.binds]
        if found or hasattr(builtins, name):
            definitions = [
                chunk for chunk in found if isinstance(chunk.node, ast.FunctionDef | ast.ClassDef)
            ]
            return definitions[-1:] or [chunk for chunk in found if _is_plain(chunk)]
        if any(_star(chunk) for chunk in self.chunks):
            raise NotFound(f"{name} may come from another file")
        return []

    def _read(self) -> Iterator[Chunk]:
        try:
            nodes = ast.parse("\n".join(self._lines)).body
        except (SyntaxError, ValueError, RecursionError):
            yield from self._read_pieces()
            return
        for node in nodes:
            yield Chunk(node, _text_of(node, self._lines))

    def _read_pieces(self) -> Iterator[Chunk]:
        """The statements, split where a line begins without indentation.

        A piece that Python 3 does not read is left out.
        """
        pieces: list[list[str]] = [[]]
        for line in self._lines:
            starts = line[:1] not in ("", " ", "\t", "#", ")", "]", "}")
            if starts and not (pieces[-1] and pieces[-1][-1].startswith("@")):
                pieces.append([])
            pieces[-1].append(line)
        for piece in pieces:
            try:
                nodes = ast.parse("\n".join(piece)).body
            except (SyntaxError, ValueError, RecursionError):
                continue
            for node in nodes:
                yield Chunk(node, _text_of(node, piece))


def _global_reads(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _global_reads(child)


def notebook_code(text: str) -> str:
    """The code cells of a notebook as one file. Raises NotFound if it is damaged."""
    try:
        notebook = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        sources = [
            cell.get("source", cell.get("input", ""))
            for cell in cells
            if cell.get("cell_type") == "code"
        ]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise NotFound(f"not a notebook: {error}") from error
    texts = ["".join(source) if isinstance(source, list) else str(source) for source in sources]
    code = "".join(f"{source}\n\n" for source in texts)
    return "\n".join(line for line in code.split("\n") if not _MAGIC.match(line))


def _text_of(node: ast.stmt, lines: list[str]) -> str:
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    assert node.end_lineno is not None
    return "\n".join(lines[first - 1 : node.end_lineno])


def _is_plain(chunk: Chunk) -> bool:
    """Whether a statement is an assignment, or an import of something that is there."""
    if isinstance(chunk.node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return True
    return chunk.is_import


def _star(chunk: Chunk) -> bool:
    """An import of all names of a module that the sandbox does not have."""
    return (
        isinstance(chunk.node, ast.ImportFrom)
        and any(item.name == "*" for item in chunk.node.names)
        and not _is_allowed(chunk.node)
    )


def _is_allowed(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and (node.module or "").split(".")[0] in ALLOWED
    return all(item.name.split(".")[0] in ALLOWED for item in node.names)


def _runnable(chunk: Chunk) -> str:
    """The text for the answer; empty for imports of names that common.py gives.

    Raises NotFound for an import of anything else that the sandbox does not have.
    """
    node = chunk.node
    if not isinstance(node, ast.Import | ast.ImportFrom) or _is_allowed(node):
        return chunk.text
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    names = {item.name for item in node.names}
    if module in ("builtins", "past.builtins", "six.moves", "__future__", "__builtin__"):
        return ""
    raise NotFound(f"{', '.join(sorted(names))} comes from another file")


def main(arguments: list[str]) -> int:
    """Print the text of a function and its digest."""
    path, name = Path(arguments[0]), arguments[1]
    text = Module.of_file(path.name, path.read_bytes()).function(name)
    print(text)
    print(digest(text))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
