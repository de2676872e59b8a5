"""Running the service."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from leaderboard.app import create_app
from leaderboard.errors import LeaderboardError
from leaderboard.service import Service


def serve(service: Service, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until stopped. Raises LeaderboardError when the address is not free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio sends small answers at once (TCP_NODELAY).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise LeaderboardError(
            f"cannot listen on {host}:{port}: {error.strerror or error}"
        ) from error
    config = uvicorn.Config(
        create_app(service),
        log_level="warning",
        access_log=False,  # addresses of pages can hold what nobody else should read
        server_header=False,
        backlog=1024,
        timeout_graceful_shutdown=10,
    )
    shown = f"[{host}]" if ":" in host else host
    announce(f"leaderboard on http://{shown}:{listener.getsockname()[1]} (Ctrl-C stops it)")
    with listener:
        uvicorn.Server(config).run(sockets=[listener])
