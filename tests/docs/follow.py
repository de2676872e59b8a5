"""Follow a page: write its files, run its commands in order, compare their output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.docs.blocks import Block, Command

BIN = Path(sys.executable).parent
TIMEOUT_S = 600
ANY = "..."  # in shown output: any text within a line; alone on a line, any number of lines


class NotAsShown(AssertionError):
    """A command failed, or printed other text than the page shows."""


def follow(blocks: Iterable[Block], fresh: Callable[[str], Path]) -> list[str]:
    """Follow the blocks of a page; the commands that were run.

    ``fresh`` makes the folder of a course. Raises NotAsShown at the first difference.
    """
    folder: Path | None = None
    ran = []
    for block in blocks:
        marks = block.marks
        if "course" in marks:
            folder = fresh(marks["course"])
        if "not run" in marks:
            continue
        if name := marks.get("file") or marks.get("append"):
            path = _inside(_there(folder, block), name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if "append" in marks else "w", encoding="utf-8") as file:
                file.write(block.text)
        elif block.language == "console":
            commands = block.commands()
            for command in commands:
                is_last = command is commands[-1]
                code = int(marks.get("exit", "0")) if is_last else 0
                run(command, _there(folder, block), code, block.place)
                ran.append(command.text)
    return ran


def _there(folder: Path | None, block: Block) -> Path:
    if folder is None:
        raise NotAsShown(f"{block.place}: no course; write <!-- course: NAME --> above it")
    return folder


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    assert path.is_relative_to(folder.resolve()), f"{name} is outside the course"
    return path


def run(command: Command, folder: Path, code: int, place: str) -> None:
    """Run a command as a shell does, in a terminal of 100 columns."""
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder.parent / "home"),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "TZ": "UTC",
    }
    Path(environment["HOME"]).mkdir(exist_ok=True)
    done = subprocess.run(
        ["bash", "-c", command.text],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S,
    )  # fmt: skip
    said = f"{place}: $ {command.text}\n"
    if done.returncode != code:
        raise NotAsShown(f"{said}exit code {done.returncode}, not {code}\n{done.stdout}")
    if command.output is not None and not fits(command.output, done.stdout):
        shown = "\n".join(command.output)
        raise NotAsShown(f"{said}the page shows:\n{shown}\n\nit printed:\n{done.stdout}")


def fits(shown: Iterable[str], printed: str) -> bool:
    """Whether a text is the shown one. Blanks at the ends of lines and blank ends do not count."""
    pattern = ""
    for line in shown:
        if line.strip() == ANY:
            pattern += r"(?:.*\n)*"
        else:
            pattern += r".*".join(map(re.escape, line.rstrip().split(ANY))) + r"\n"
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    return re.fullmatch(pattern, "\n".join(lines) + "\n") is not None
