"""Notebooks with unforeseen damage: random changes of a right notebook."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

JUNK: tuple[Any, ...] = (
    None, True, -1, 0.5, 1e308, 2**70, "", "x" * 5000, "\ud800", "\x00\x1b[31m", "<script>alert(1)</script>",
    "../../etc/passwd", [], [[]], {}, {"a": {}}, ["a", 1, None], "raise NotImplementedError()",
)  # fmt: skip
LINES = (
    "%matplotlib inline", "%%time", "!pip install nothing", "import os; os._exit(3)", "return 1", "def add(", "    ",
    "raise SystemExit", "x = = 1", "print('\u202e')", "add = None", "del add", "class add: pass", "get_ipython()",
    "def scale(x, k): return scale(x, k)", "\t" * 50, "'" * 3, "#" * 9000, "while False: pass", "import torch",
)  # fmt: skip


def mutant(notebook: Any, source: random.Random) -> bytes:
    """The bytes of a notebook after one to five changes."""
    changed = copy.deepcopy(notebook)
    for _ in range(source.randint(1, 5)):
        changed = source.choice(STRUCTURE)(changed, source)
    data = json.dumps(changed).encode()
    if source.random() < 0.3:
        data = source.choice(BYTES)(data, source)
    return data


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (dict, list)):
            for key in list(node) if isinstance(node, dict) else range(len(node)):
                found.append((node, key))
                waiting.append(node[key])
    return found


def _cells(tree: Any) -> list[Any]:
    cells = tree.get("cells") if isinstance(tree, dict) else None
    return cells if isinstance(cells, list) else []


def _replace(tree: Any, source: random.Random) -> Any:
    places = _places(tree)
    if not places:
        return source.choice(JUNK)
    node, key = source.choice(places)
    node[key] = copy.deepcopy(source.choice(JUNK))
    return tree


def _remove(tree: Any, source: random.Random) -> Any:
    if places := _places(tree):
        node, key = source.choice(places)
        del node[key]
    return tree


def _swap(tree: Any, source: random.Random) -> Any:
    if places := _places(tree):
        (one, this), (other, that) = source.choice(places), source.choice(places)
        one[this], other[that] = copy.deepcopy(other[that]), copy.deepcopy(one[this])
    return tree


def _double_a_cell(tree: Any, source: random.Random) -> Any:
    if cells := _cells(tree):
        cells.insert(source.randrange(len(cells) + 1), copy.deepcopy(source.choice(cells)))
    return tree


def _shuffle_cells(tree: Any, source: random.Random) -> Any:
    source.shuffle(_cells(tree))
    return tree


def _put_in_a_line(tree: Any, source: random.Random) -> Any:
    cells = [cell for cell in _cells(tree) if isinstance(cell, dict)]
    if cells:
        cell = source.choice(cells)
        text = cell.get("source")
        lines = ("".join(map(str, text)) if isinstance(text, list) else str(text)).split("\n")
        lines.insert(source.randrange(len(lines) + 1), source.choice(LINES))
        cell["source"] = "\n".join(lines)
    return tree


def _join_cells(tree: Any, source: random.Random) -> Any:
    cells = _cells(tree)
    if len(cells) > 1:
        at = source.randrange(len(cells) - 1)
        one, other = cells[at], cells[at + 1]
        if isinstance(one, dict) and isinstance(other, dict):
            one["source"] = f"{one.get('source')}\n{other.get('source')}"
            del cells[at + 1]
    return tree


def _cut(data: bytes, source: random.Random) -> bytes:
    return data[: source.randrange(len(data) + 1)]


def _flip(data: bytes, source: random.Random) -> bytes:
    text = bytearray(data)
    for _ in range(source.randint(1, 20)):
        text[source.randrange(len(text))] = source.randrange(256)
    return bytes(text)


def _in_another_encoding(data: bytes, source: random.Random) -> bytes:
    return data.decode().encode(source.choice(["utf-16", "utf-8-sig", "utf-32", "cp500"]))


STRUCTURE: tuple[Callable[[Any, random.Random], Any], ...] = (
    _replace, _remove, _swap, _double_a_cell, _shuffle_cells, _put_in_a_line, _put_in_a_line, _join_cells,
)  # fmt: skip
BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _flip, _in_another_encoding)
