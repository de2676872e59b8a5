"""A real PostgreSQL server of the tests' own: on a Unix socket, without network, thrown away."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

ABSENT = "PostgreSQL's initdb is not installed (Debian: apt-get install postgresql)"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


class Server:
    """Hands out databases."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.count = 0

    def url(self, name: str) -> str:
        return f"postgresql://board@/{name}?host={quote(str(self.socket), safe='')}"

    def new(self, template: str | None = None) -> str:
        """The URL of a new database, empty or a copy of another one."""
        self.count += 1
        name = f"t{self.count}"
        copied = f" TEMPLATE {template}" if template else ""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{copied}")  # type: ignore[call-overload]
        return self.url(name)


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block lasts. Runs as nobody where the tests run as root."""
    folder = programs()
    assert folder is not None, ABSENT
    home = Path(tempfile.mkdtemp(prefix="board-pg-", dir="/tmp"))  # sockets need short paths
    user: dict[str, object] = {}
    if os.getuid() == 0:
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(home, "nobody")
    quiet = {"cwd": home, "check": True, "capture_output": True, **user}
    data = home / "data"
    command = [folder / "pg_ctl", "-D", data, "-w"]
    try:
        subprocess.run(
            [folder / "initdb", "-D", data, "-A", "trust", "-U", "board", "-N", "-E", "UTF8"],
            **quiet,  # type: ignore[call-overload]
            timeout=300,
        )
        options = f"-k {home} -c listen_addresses='' -c max_connections=120 -c fsync=off"
        started = [*command, "-l", home / "log", "-o", options, "start"]
        # Not captured: the server would inherit the pipe and keep it open.
        subprocess.run(
            started, **quiet | {"capture_output": False, "stdout": subprocess.DEVNULL}, timeout=300
        )  # type: ignore[call-overload]
        yield Server(home)
    finally:
        subprocess.run(
            [*command, "-m", "immediate", "stop"], **quiet | {"check": False}, timeout=300
        )  # type: ignore[call-overload]
        shutil.rmtree(home, ignore_errors=True)
