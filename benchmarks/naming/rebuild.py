"""Rebuild the answers of a manifest from checkouts of their repositories.

``python -m benchmarks.naming.rebuild MANIFEST CHECKOUTS OUT.jsonl [--split dev]``
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.naming.checkouts import Checkout
from benchmarks.naming.extract import Module, NotFound
from benchmarks.naming.manifest import Row, digest, read_manifest, write_lines

ADAPTERS = Path(__file__).parent / "adapters"


class CannotRebuild(Exception):
    """An answer whose function is not where the manifest says, or is another one."""


@lru_cache(maxsize=64)
def _module(checkouts: Path, repository: str, commit: str, path: str) -> Module:
    data = Checkout.of(checkouts, repository).file(commit, path)
    return Module.of_file(path, data)


def rebuilt(row: Row, checkouts: Path) -> str:
    """The text of the answer's cell. Raises CannotRebuild."""
    try:
        module = _module(checkouts, row.repository, row.commit, row.path)
        found = digest(module.function(row.function))
        if found != row.sha256:
            raise CannotRebuild(f"{row.id}: {row.function} has the SHA-256 {found}")
        code = module.answer([row.function, *row.uses.values()])
    except (FileNotFoundError, NotFound) as error:
        raise CannotRebuild(f"{row.id}: {error}") from error
    return rebuilt_text(code, row.adapter, {"theirs": row.function, **row.uses})


def rebuilt_text(code: str, adapter: str, names: dict[str, str]) -> str:
    """The answer: common names, their code, and the adapter with the names bound to it.

    Raises CannotRebuild if there is no such adapter.
    """
    common = _without_docstring((ADAPTERS / "common.py").read_text())
    return "\n\n".join([common, code, _adapter_text(adapter, names)]) + "\n"


def _without_docstring(text: str) -> str:
    first = ast.parse(text).body[0]
    assert first.end_lineno is not None
    return "\n".join(text.split("\n")[first.end_lineno :]).strip("\n")


def _adapter_text(name: str, names: dict[str, str]) -> str:
    """The adapter, with values for its variables.

    Imports are gone: common.py, which stands first, has them.
    """
    path = ADAPTERS / f"{name}.py"
    if not path.is_file():
        raise CannotRebuild(f"there is no adapter {name}")
    text = path.read_text()
    lines, kept = text.split("\n"), []
    for node in ast.parse(text).body[1:]:
        piece = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            piece = f"{node.target.id} = {names.get(node.target.id)}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("benchmarks."):
            continue
        kept.append(piece)
    return "\n".join(kept)


def answers(rows: Iterable[Row], checkouts: Path, problems: list[str]) -> Iterator[dict[str, Any]]:
    """The lines of the file of answers; ``problems`` receives a line for each other row."""
    for row in rows:
        try:
            code = rebuilt(row, checkouts)
        except CannotRebuild as error:
            problems.append(str(error))
            continue
        truth = row.labels or None
        yield {"id": row.id, "exercise": row.exercise, "code": code, "truth": truth}


def main(arguments: list[str]) -> int:
    """Write the answers; 1 if one could not be rebuilt."""
    parser = argparse.ArgumentParser("python -m benchmarks.naming.rebuild", description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=["dev", "held-out"])
    given = parser.parse_args(arguments)
    rows = [row for row in read_manifest(given.manifest) if given.split in (None, row.split)]
    problems: list[str] = []
    found = list(answers(rows, given.checkouts, problems))
    write_lines(given.out, found)
    print(f"{len(found)} of {len(rows)} answers written to {given.out}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
