"""The modules ``check.py``: their probes can cross the wall, and no helper stands in two of them."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from autograder.course.source import NotebookBundle
from autograder.lesson.check_module import check_of
from autograder.trials.probe import Probe, probe_mistakes

ROOT = Path(__file__).resolve().parents[2]
MIN_LINES = 2  # of a function's body that is worth a name of its own


def test_every_probe_can_cross_the_wall(
    bundle: NotebookBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    probes = 0
    for cell in bundle.tests:
        if module := check_of(cell.source):
            names: dict[str, object] = {"__name__": "__main__"}
            exec(compile(module, f"<{cell.grade_id}>", "exec"), names)
            assert probe_mistakes(names) == [], cell.grade_id
            probes += sum(isinstance(value, Probe) for value in names.values())
    assert probes or bundle.name not in ("03_normalization", "04_lenet", "01_train_cnn")


def test_no_function_stands_twice_in_checks_and_lessons() -> None:
    found = defaultdict(list)
    for path in (*ROOT.glob("source/*/exercises/*/check.py"), *ROOT.glob("source/*/*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        source = "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                body = ast.unparse(ast.Module(_without_docstring(node.body), []))
                if body.count("\n") + 1 >= MIN_LINES:
                    found[body].append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert [places for places in found.values() if len(places) > 1] == []


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if documented else body
