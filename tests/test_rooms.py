"""The import contract holds, and a wrong import breaks it."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("autograder", "classroom", "leaderboard")
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def broken(copy: Path) -> str:
    """The complaints of the linter about a copy of the packages; empty when it has none."""
    command = [sys.executable, "-P", "-c", LINT]
    done = subprocess.run(
        command,
        cwd=copy,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(copy)},
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout if done.returncode else ""


def test_the_rooms_as_they_are_keep_the_contract(copy: Path) -> None:
    assert broken(copy) == ""


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("autograder/notebooks/notebook.py", "from autograder.records import gradebook"),
        ("autograder/trials/compare.py", "from autograder.grading import session"),
        ("autograder/shell/shell.py", "from autograder.course import layout"),
        ("autograder/wall/frames.py", "import autograder.errors"),
        ("autograder/cli/app.py", "import classroom.web.app"),
        ("autograder/course/source.py", "import solutions"),
        ("autograder/a_new_room.py", ""),
        ("classroom/storage/tables.py", "from classroom.people import roster"),
        ("classroom/people/roster.py", "from classroom.board import competitions"),
        ("classroom/board/finals.py", "from classroom.web.http import problems"),
        ("classroom/board/finals.py", "from starlette.responses import Response"),
        ("classroom/board/finals.py", "from classroom.board import submissions"),
        ("classroom/board/rules/points.py", "from sqlalchemy import select"),
        ("classroom/board/scoring.py", "from sqlalchemy import select"),
        ("classroom/web/http/bodies.py", "from classroom.web import service"),
        ("classroom/web/service.py", "from autograder import results"),
        ("classroom/web/a_new_room.py", ""),
    ],
)
def test_a_wrong_import_breaks_the_contract(copy: Path, module: str, line: str) -> None:
    path = copy / module
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        assert "BROKEN" in broken(copy)
    finally:
        path.unlink() if before is None else path.write_text(before)


def longest_chain(graph: grimp.ImportGraph, room: str) -> tuple[str, ...]:
    """The longest way by imports from module to module within a room."""
    inside = graph.find_children(room)

    @functools.cache
    def below(module: str) -> tuple[str, ...]:
        ways = (below(one) for one in graph.find_modules_directly_imported_by(module) & inside)
        return (module, *max(ways, key=len, default=()))

    return max(map(below, inside), key=len, default=())


def test_a_room_of_the_engine_has_at_most_three_levels() -> None:
    graph = grimp.build_graph("autograder", cache_dir=None)
    rooms = [child for child in graph.find_children("autograder") if graph.find_children(child)]
    assert len(rooms) > 20
    deep = {room: chain for room in rooms if len(chain := longest_chain(graph, room)) > 3}
    assert deep == {}
