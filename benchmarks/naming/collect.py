"""Write a manifest of all answers in a folder of checkouts.

``python -m benchmarks.naming.collect CHECKOUTS OUT.jsonl`` takes each version of each
function of CS231n that answers an exercise. It leaves out equal code, stubs, and code
that needs more than its file, and counts them.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.naming.checkouts import Checkout
from benchmarks.naming.extract import Module, NotFound
from benchmarks.naming.manifest import (
    Row,
    digest,
    read_manifest,
    row_id,
    split_of,
    write_manifest,
)


@dataclass(frozen=True)
class Kind:
    """A function of another course, and the exercise that it answers."""

    function: str
    exercise: str
    adapter: str
    uses: tuple[tuple[str, str], ...] = ()


_FORWARD = (("forward", "batchnorm_forward"),)
CS231N = (
    Kind("conv_forward_naive", "conv2d", "cs231n_conv_forward"),
    Kind("conv_backward_naive", "conv2d_backward", "cs231n_conv_backward",
         (("forward", "conv_forward_naive"),)),
    Kind("max_pool_forward_naive", "max_pool2d", "cs231n_pool_forward"),
    Kind("max_pool_backward_naive", "max_pool2d_backward", "cs231n_pool_backward",
         (("forward", "max_pool_forward_naive"),)),
    Kind("batchnorm_forward", "batchnorm_train", "cs231n_batchnorm_train"),
    Kind("batchnorm_forward", "batchnorm_eval", "cs231n_batchnorm_eval"),
    Kind("batchnorm_backward", "batchnorm_backward", "cs231n_batchnorm_backward", _FORWARD),
    Kind("batchnorm_backward_alt", "batchnorm_backward", "cs231n_batchnorm_backward",
         (*_FORWARD, ("other", "batchnorm_backward"))),
    Kind("layernorm_forward", "layer_norm", "cs231n_layernorm"),
    Kind("spatial_groupnorm_forward", "group_norm", "cs231n_groupnorm"),
    Kind("spatial_groupnorm_quick_forward", "group_norm", "cs231n_groupnorm"),
)  # fmt: skip


def normalised(text: str) -> str:
    """The code without comments, docstrings and the names of local variables.

    Raises SyntaxError for code that is not Python 3.
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.body = [
                item
                for item in node.body
                if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
            ] or [ast.Pass()]
    local: dict[str, str] = {}
    stored = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in stored:
            node.id = local.setdefault(node.id, f"v{len(local)}")
        elif isinstance(node, ast.arg):
            node.arg = local.setdefault(node.arg, f"v{len(local)}")
    return ast.unparse(tree)


def is_stub(text: str) -> bool:
    """Whether a function does no work of its own.

    It calls nothing but NotImplementedError and ValueError, and computes nothing.
    """
    tree = ast.parse(text)
    body = [node for item in tree.body for node in ast.walk(item)]
    calls = [
        node for node in body if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1]
        not in ("NotImplementedError", "ValueError", "get", "zeros", "setdefault")
    ]  # fmt: skip
    return not calls and not any(
        isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod) for node in body
    )


def eval_stub(text: str) -> bool:
    """Whether batchnorm_forward computes nothing in mode "test"."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.If) and re.search(r"mode == ['\"]test", ast.unparse(node.test)):
            return is_stub("\n".join(map(ast.unparse, node.body)))
    return False


def train_stub(text: str) -> bool:
    """Whether batchnorm_forward computes nothing in mode "train"."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.If) and re.search(r"mode == ['\"]train", ast.unparse(node.test)):
            return is_stub("\n".join(map(ast.unparse, node.body)))
    return False


_PART_STUBS = {"batchnorm_eval": eval_stub, "batchnorm_train": train_stub}


def python_of(text: str) -> int:
    """2 if a file was written for Python 2, else 3.

    Files of CS231n import ``range`` or ``xrange`` from ``builtins`` since the course uses Python 3.
    """
    return 3 if re.search(r"^from (past\.)?builtins import", text, re.MULTILINE) else 2


def found_rows(
    checkouts: Path, repository: str, pattern: str, seen: set[str], counts: Counter[str]
) -> Iterator[Row]:
    """All rows of a repository whose code is not in ``seen``, which grows."""
    checkout = Checkout.of(checkouts, repository)
    for commit, path in checkout.versions(pattern):
        try:
            data = checkout.file(commit, path)
            module = Module.of_file(path, data)
        except (FileNotFoundError, NotFound):
            counts["unreadable file"] += 1
            continue
        text = data.decode("utf-8", errors="replace")
        for kind in CS231N:
            if f"def {kind.function}(" not in text:
                continue
            try:
                code = module.function(kind.function)
                plain = f"{kind.exercise}: {normalised(code)}"
            except NotFound:
                counts["not Python 3"] += 1
                continue
            if plain in seen:
                counts["equal code"] += 1
                continue
            seen.add(plain)
            if is_stub(code) or _PART_STUBS.get(kind.exercise, is_stub)(code):
                counts["stub"] += 1
                continue
            uses = {
                name: function
                for name, function in kind.uses
                if any(function in chunk.binds for chunk in module.chunks)
            }
            if kind.exercise == "batchnorm_backward" and _no_forward(module):
                counts["backward pass without a forward pass"] += 1
                continue
            try:
                module.answer([kind.function, *uses.values()])
            except NotFound:
                counts["needs another file"] += 1
                continue
            sha = digest(code)
            yield Row(
                id=row_id(kind.exercise, sha), repository=repository, commit=commit, path=path,
                function=kind.function, sha256=sha, exercise=kind.exercise, adapter=kind.adapter,
                split=split_of(repository), uses=uses, python=python_of(text),
            )  # fmt: skip


def _no_forward(module: Module) -> bool:
    """Whether batchnorm_forward is missing or a stub, so that there is no cache."""
    try:
        code = module.function("batchnorm_forward")
    except NotFound:
        return True
    return is_stub(code) or train_stub(code)


def main(arguments: list[str]) -> int:
    """Write the manifest, and print how many functions are left out and why."""
    parser = argparse.ArgumentParser("python -m benchmarks.naming.collect", description=__doc__)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--files", default="*layers.py", help="git's pattern of the paths")
    parser.add_argument("--known", type=Path, help="a manifest whose rows stay as they are")
    given = parser.parse_args(arguments)
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    rows: dict[str, Row] = {}
    for row in read_manifest(given.known) if given.known else []:
        rows[row.id] = row
        data = Checkout.of(given.checkouts, row.repository).file(row.commit, row.path)
        code = Module.of_file(row.path, data).function(row.function)
        seen.add(f"{row.exercise}: {normalised(code)}")
    folders = [folder.name for folder in given.checkouts.iterdir() if "+" in folder.name]
    repositories = [name.replace("+", "/", 1) for name in folders]
    # dev first: an answer in both splits has been seen by the people who write the bank
    for repository in sorted(repositories, key=lambda name: (split_of(name), name.lower())):
        try:
            found = list(found_rows(given.checkouts, repository, given.files, seen, counts))
        except FileNotFoundError as error:
            counts[str(error)] += 1
            continue
        for row in found:
            rows.setdefault(row.id, row)
    write_manifest(given.out, rows.values())
    print(f"{len(rows)} answers in {len({row.repository for row in rows.values()})} repositories")
    for what, count in counts.most_common():
        print(f"{count:6} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
