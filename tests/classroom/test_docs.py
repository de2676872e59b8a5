"""The page about the leaderboard agrees with the code."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
import typer

from classroom import cli
from classroom.board.rules import competition_file
from classroom.board.rules.competition_file import read_competition
from classroom.board.rules.points import read_points
from classroom.board.rules.predictions import LINE_SPARE
from classroom.web.http.settings import Bounds, Settings
from classroom.web.http.uploads import FIELDS
from tests.classroom.operations import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "leaderboard.md").read_text()


def first_cells(header: str) -> list[str]:
    """The first text in backquotes of each row of the table with this header."""
    table = PAGE.partition(header + "\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)


def examples(beginning: str) -> list[str]:
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.MULTILINE)
    return [text for text in map(textwrap.dedent, blocks) if text.strip().startswith(beginning)]


def test_every_key_of_the_file_is_explained_and_no_other() -> None:
    keys = competition_file.REQUIRED + competition_file.OPTIONAL
    assert sorted(first_cells("| key | default | meaning |")) == sorted(keys)


def test_every_command_is_listed() -> None:
    listed = {
        " ".join(re.findall(r"^[a-z ]+", row)).strip() for row in first_cells("| command | does |")
    }
    group = typer.main.get_command(cli.app)
    there = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        there |= {f"{name} {part}" for part in below} if below else {name}
    assert listed == there


def test_every_operation_is_listed() -> None:
    listed = {tuple(row.split(" ")) for row in first_cells("| request | who | answer |")}
    prefix = "/api/v1/competitions/{slug}"
    assert listed == {(method, path.removeprefix(prefix)) for path, method in OPERATIONS}


def test_the_example_of_a_competition_is_one(tmp_path: Path) -> None:
    (text,) = examples("slug =")
    (tmp_path / "places.toml").write_text(text)
    labels = "".join(f"{number}.jpg {number % 10}\n" for number in range(100))
    (tmp_path / "labels.txt").write_text(labels)
    got = read_competition(tmp_path / "places.toml")
    assert got.points.points(got.metric, 0.55) == pytest.approx(10)
    steps = examples("[points]")[-1]
    rule, problems = read_points(tomllib.loads(steps)["points"], "top5_error")
    assert (rule is not None, problems) == (True, [])


def test_the_limits_are_those_of_the_settings() -> None:
    settings = Settings()
    page = " ".join(PAGE.split())
    for words in (
        f"{settings.token.burst} requests at once and {settings.token.per_second:g} a second",
        f"{settings.address.burst} and {settings.address.per_second:g} a second for an address",
        f"{settings.failed_tokens.burst} wrong tokens and one more every "
        f"{1 / settings.failed_tokens.per_second:g} seconds",
        f"too large ({settings.max_upload_bytes // 2**20} MiB; {settings.form_bytes // 2**10} KiB",
        f"{settings.refused_files.burst} refused files at once and one more every "
        f"{1 / settings.refused_files.per_second:g} seconds, and {settings.uploads_at_once} files",
        f"up to {Bounds.drained_bytes // 2**20} MiB of the body are dropped unread",
        f"at most {Bounds.headers} headers and {Bounds.header_bytes // 2**10} KiB of them, an "
        f"address of at most {Bounds.target_bytes // 2**10} KiB, and {Bounds.headers_s:g} seconds",
        f"a file has {settings.upload_timeout_s:g} seconds, a form {settings.form_timeout_s:g}",
        f"A client has {Bounds.written_s:g} seconds to take an answer. Of more than "
        f"{Bounds.waiting:,} connections",
        f"of more than {Bounds.unread} with answers",
        f"more than {FIELDS + 1} parts",
        f"at most {LINE_SPARE:,} characters more than the longest name",
    ):
        assert words in page


def test_the_leaderboard_stands_alone_and_does_nothing_when_imported(tmp_path: Path) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "classroom").rglob("*.py")
        if path.stem not in {"env", "__main__"} and "versions" not in path.parts
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {names}: importlib.import_module(name)\n"
        "print([name for name in sys.modules if name.startswith(('autograder', 'torch'))])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []
