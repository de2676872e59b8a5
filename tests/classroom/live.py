"""A server as an instructor starts it: a process of its own, on the loopback interface."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Live:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """``kill -9``."""
        self.process.kill()
        self.process.wait(timeout=300)


@contextlib.contextmanager
def serving(db_url: str) -> Iterator[Live]:
    """A server over a database, on any free port, for as long as the block lasts."""
    command = [sys.executable, "-m", "leaderboard", "serve", "--port", "0", "--db", db_url]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said.startswith("leaderboard on http://"), said + process.stderr.read()
            yield Live(said.split()[2], process)
        finally:
            process.kill()
