"""A Jupyter server with formgrader, in a course's folder."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.nbgrader.commands import environment


@dataclass(frozen=True)
class Formgrader:
    """The address of a running server, and its token."""

    address: str
    token: str

    def page(self, path: str) -> str:
        """The address of a page, for a browser that is not signed in."""
        return f"{self.address}/login?token={self.token}&next=/formgrader/{path}"

    def api(self, path: str, method: str = "GET", data: Any = None) -> Any:
        """The reply of formgrader's API, as its pages get it; ``data`` is sent as JSON."""
        request = urllib.request.Request(
            f"{self.address}/formgrader/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
            data=None if data is None else json.dumps(data).encode(),
        )
        with urllib.request.urlopen(request, timeout=300) as reply:
            return json.load(reply)


@contextmanager
def running_formgrader(root: Path, home: Path) -> Iterator[Formgrader]:
    """A server in the course's folder ``root``; ``home`` replaces the user's home."""
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyter", "server", "--no-browser", "--ip=127.0.0.1"),
        *(["--allow-root"] if os.getuid() == 0 else []),
        f"--port={port}",
        f"--IdentityProvider.token={token}",
        "--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True",
    ]
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if found := re.search(r"is running at:\s*$", line):
                break
        else:
            pytest.fail("the server did not start:\n" + "".join(said))
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert found and address
        rest = threading.Thread(target=lambda: said.extend(server.stdout or []))
        rest.start()  # else a full pipe would stop the server
        try:
            wait_until_it_listens(port)
            yield Formgrader(address[0], token)
        finally:
            server.terminate()
            server.wait(timeout=60)
            rest.join(timeout=60)
            print("".join(said))  # shown where a test failed


def wait_until_it_listens(port: int) -> None:
    """The server announces its address shortly before it accepts connections."""
    for _ in range(600):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server does not listen")
