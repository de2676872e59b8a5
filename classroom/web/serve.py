"""Runs the web server."""

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

QUEUE = 1024  # connections in the kernel's queue: a whole class may connect at once
ACCEPTED_AT_ONCE = 32  # requests run in between, so a flood of connections delays them less


def serve(app: FastAPI, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve an application until it is stopped. Raises ClassroomError for a used address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With IPPROTO_TCP, asyncio sends small answers at once (TCP_NODELAY).
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
        access_log=False,  # addresses of pages may contain private data
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
        """Start with a queue that is longer than the batch of accepted connections."""
        await super().startup(sockets)
        for one in sockets or []:
            one.listen(QUEUE)


def _most_waiting() -> int:
    """Return the limit of waiting connections: half of the process's file limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return min(Bounds.waiting, max(soft, most) // 2)
