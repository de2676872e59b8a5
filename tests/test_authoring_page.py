"""``docs/authoring.md`` is followed word for word in an empty folder, and held against the code."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.checks import check
from autograder.config.settings import Settings
from autograder.lesson import headers
from autograder.lesson.headers import HeaderError, is_header, read_header
from autograder.mistakes import banks, placeholders

PAGE = Path(__file__).resolve().parents[1] / "docs" / "authoring.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
OPTIONS = {
    "points": "1",
    "minutes": "5",
    "level": "easy",
    "id": "other",
    "locked": "true",
    "lecture": "One",
}
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}


def section(title: str) -> str:
    """The text of a section of the page."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(title: str) -> list[list[str]]:
    """The rows of the table in a section, without its head."""
    rows = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def run(command: str, folder: Path) -> str:
    done = subprocess.run(
        shlex.split(command), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
        timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def replace_cell(path: Path, cell: str) -> None:
    """Replace the cell of a lesson with the same kind and name."""
    wanted = cell.split()[2:4]
    lines = path.read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if is_header(line)]
    (start,) = [number for number in starts if lines[number].split()[2:4] == wanted]
    end = min((number for number in starts if number > start), default=len(lines))
    path.write_text("\n".join([*lines[:start], *cell.splitlines(), "", *lines[end:]]) + "\n")


def follow(text: str, folder: Path) -> list[str]:
    """Follow a text, block by block; the commands that were run."""
    ran = []
    position = 0
    for block in BLOCK.finditer(text):
        before, kind, body = text[position : block.start()], block[1], block[2]
        position = block.end()
        if kind == "console":
            output = ""
            for line in body.splitlines():
                if line.startswith("$ "):
                    output = run(line[2:], folder)
                    ran.append(line[2:])
                else:
                    assert line.strip() in output, f"not printed: {line}\n{output}"
        elif body.startswith(("# %% answer ", "# %% try ")):
            (path,) = folder.glob("source/*/01_*.py")
            replace_cell(path, body)
        else:
            path = folder / re.findall(r"`(source/[\w/.]+)`", before)[-1]
            assert path.is_file()
            path.write_text(body)
    return ran


@pytest.mark.slow
def test_the_page_leads_from_an_empty_folder_to_a_graded_exercise(tmp_path: Path) -> None:
    ran = follow(section("Ten minutes to a graded exercise"), tmp_path)
    assert [command.split()[1] for command in ran] == [
        "new", "new", "release", "verify", "simulate", "grade", "feedback",
    ]  # fmt: skip
    results = json.loads((tmp_path / "out.json").read_text())
    named = {test["diagnosis"] for result in results for test in result["tests"]}
    assert "running_mean.divided_by_length" in named
    (sentence,) = re.findall(r'^sentence = "(You divide[^`"]+)', TEXT, re.MULTILINE)
    pages = [path.read_text() for path in tmp_path.glob("feedback/*/signals/0*.html")]
    assert len(pages) == 4 and any(sentence.strip() in page for page in pages)
    run("autograder release --check signals", tmp_path)
    assert follow(section("Write in JupyterLab"), tmp_path) == [
        "autograder edit signals/01_signals --once"
    ]


def test_the_table_of_headers_has_all_kinds_with_their_options_and_ids() -> None:
    kinds = set()
    for row, _, options, grade_id in table("Headers of cells"):
        header = read_header(row.strip("`"))
        assert header is not None
        kinds.add(header.kind)
        found = header.metadata.get("nbgrader", {}).get("grade_id", "none")
        assert found == grade_id.strip("`")
        accepted = {key for key, value in OPTIONS.items() if takes(header.text, key, value)}
        assert set(re.findall(r"`(\w+)`", options)) == accepted
    assert kinds == {*headers._CODE_KINDS, *headers._TEXT_KINDS}


def takes(line: str, key: str, value: str) -> bool:
    """Whether a header takes an option."""
    plain = re.sub(rf" {key}=\S+", "", line)
    title = re.search(r' ".*"$', plain)
    start = plain[: title.start()] if title else plain
    try:
        header = read_header(f"{start} {key}={value}{title[0] if title else ''}")
    except HeaderError:
        return False
    return header is not None and key in header.options


def test_levels_and_examples_of_headers_are_in_the_grammar() -> None:
    said = section("Headers of cells")
    assert all(f"`{level}`" in said for level in headers.LEVELS)
    lines = [*re.findall(r"^(# %% (?:answer|try|\[).*)$", TEXT, re.MULTILINE)]
    lines += re.findall(r"`(# %%[^`]*)`", TEXT)
    assert len(lines) > 10
    for line in lines:
        read_header(line)


def test_every_placeholder_is_on_the_page() -> None:
    named = set(re.findall(r"@([A-Z_]+)(?::\w+)?@", section("Placeholders")))
    assert named == set(placeholders.KNOWN)


def test_every_argument_of_a_check_and_key_of_a_misconception_is_on_the_page() -> None:
    rows = [row[0] for row in table("A good check")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(inspect.signature(check).parameters)
    said = section("A good misconception")
    assert all(f"`{key}`" in said for key in banks._ENTRY)


def test_every_setting_and_command_on_the_page_exists(tmp_path: Path) -> None:
    settings = set(re.findall(r"c\.Autograder\.(\w+)", TEXT))
    assert settings <= {name for name, _, _ in Settings.table()}
    commands = set(re.findall(r"\bautograder (new \w+|[a-z]+)((?: [^`\n]*)?)`", TEXT))
    assert commands
    for command, rest in commands:
        said = run(f"autograder {command} --help", tmp_path)
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in said, f"autograder {command} has no {option}"
