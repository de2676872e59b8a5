"""A request to an application, message by message, with a count of the bytes read of its body."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

Message = dict[str, Any]


@dataclass
class Exchange:
    """The messages of a request, the number read, and the answer."""

    messages: Iterator[Message]
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    reads: int = 0  # messages that the application took
    size: int = 0  # bytes of body in them

    async def receive(self) -> Message:
        message = next(self.messages, None)
        if message is None:
            await asyncio.Event().wait()  # nothing more is sent, and nobody goes away
            raise AssertionError
        self.reads += 1
        self.size += len(message.get("body", b""))
        return message

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
        else:
            self.body += message.get("body", b"")


def pieces_of(body: bytes, size: int = 65_536) -> Iterator[Message]:
    """A whole body, piece by piece."""
    for start in range(0, max(1, len(body)), size):
        more = start + size < len(body)
        yield {"type": "http.request", "body": body[start : start + size], "more_body": more}


def endless(piece: bytes) -> Iterator[Message]:
    """A body without an end."""
    while True:
        yield {"type": "http.request", "body": piece, "more_body": True}


async def exchanged(
    app: ASGIApp, method: str, path: str, messages: Iterable[Message], headers: dict[str, str]
) -> Exchange:
    exchange = Exchange(iter(messages))
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip
    await app(scope, exchange.receive, exchange.send)
    return exchange


def exchange(
    app: ASGIApp, method: str, path: str, messages: Iterable[Message], **headers: str
) -> Exchange:
    """Send one request; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(exchanged(app, method, path, messages, named))
