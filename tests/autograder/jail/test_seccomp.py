from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import socket, sys
from autograder.jail.seccomp import Filter
Filter(network=sys.argv[1] == "network").load()
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
    kind = socket.SOCK_RAW if family == socket.AF_NETLINK else socket.SOCK_STREAM
    try:
        socket.socket(family, kind).close()
    except OSError:
        print(family.name, "refused")
    else:
        print(family.name, "given")
"""


def sockets(mode: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3], timeout=120,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_without_network_only_local_sockets_are_given() -> None:
    assert sockets("none") == [
        "AF_UNIX given", "AF_INET refused", "AF_INET6 refused", "AF_NETLINK refused",
    ]  # fmt: skip
    assert sockets("network") == [
        "AF_UNIX given", "AF_INET given", "AF_INET6 given", "AF_NETLINK given",
    ]  # fmt: skip
