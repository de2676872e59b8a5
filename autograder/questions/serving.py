"""Serves an application on this machine alone, until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from autograder.errors import UsageError
from autograder.questions.access import HOST


def serve(site: Callable[[int], Starlette], port: int) -> None:
    """Serve a site, which is made for the number of its port; port 0 is any free one.

    Raises UsageError if the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except OSError as error:
            raise UsageError(f"cannot listen on port {port}: {error.strerror}") from error
        config = uvicorn.Config(
            site(listener.getsockname()[1]),
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,  # addresses hold the token
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run(sockets=[listener])
