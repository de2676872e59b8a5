"""Running the service."""

from __future__ import annotations

import logging
import resource
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from classroom.errors import ClassroomError
from classroom.web.http.connections import connections_within
from classroom.web.http.settings import Bounds

QUEUE = 1024  # connections that the kernel keeps: a class that connects at once
ACCEPTED_AT_ONCE = 32  # then requests have their turn: a flood of connections delays them less


def serve(app: FastAPI, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve an application until stopped. Raises ClassroomError when the address is not free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio sends small answers at once (TCP_NODELAY).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(QUEUE)
    except OSError as error:
        listener.close()
        raise ClassroomError(
            f"cannot listen on {host}:{port}: {error.strerror or error}"
        ) from error
    config = uvicorn.Config(
        app,
        http=connections_within(Bounds(waiting=_most_waiting())),
        ws="none",
        lifespan="off",
        log_level="error",  # a line for each broken request would fill the disk
        access_log=False,  # addresses of pages can hold what nobody else should read
        server_header=False,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=10,
    )
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    shown = f"[{host}]" if ":" in host else host
    announce(f"leaderboard on http://{shown}:{listener.getsockname()[1]} (Ctrl-C stops it)")
    with listener:
        _Server(config).run(sockets=[listener])


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, with a longer queue of connections than are accepted in one turn."""
        await super().startup(sockets)
        for one in sockets or []:
            one.listen(QUEUE)


def _most_waiting() -> int:
    """Return how many connections may wait for their requests, half of the files there can be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return min(Bounds.waiting, max(soft, most) // 2)
