"""Connections with limits: on headers, bodies and time, also after the answer.

uvicorn's own protocol has no time limit and no size limit for headers. It reads the whole body of a
refused request, and it accepts thousands of requests in one packet. A reverse proxy prevents some
of this; these limits also hold without a proxy.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from classroom.web.http.headers import HEADERS
from classroom.web.http.problems import MEDIA_TYPE
from classroom.web.http.settings import Bounds
from classroom.web.http.waiting import Waiting


class _Refusal(Exception):
    """A request that is refused before the application sees it."""

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail


class _Closing:
    """The transport for a response: ``close`` first sends the pending bytes."""

    def __init__(self, connection: BoundedConnection, transport: asyncio.Transport) -> None:
        self._connection, self._transport = connection, transport

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing() or self._connection.draining

    def close(self) -> None:
        self._connection.finish()


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's protocol for HTTP/1.1, with limits."""

    bounds: ClassVar[Bounds] = Bounds()
    waiting: ClassVar[Waiting] = Waiting(Bounds.waiting)  # connections with an unfinished request
    unread: ClassVar[Waiting] = Waiting(Bounds.unread)  # connections with an unread answer

    draining = False  # answered; further bytes are dropped
    _deaf = False  # bytes are dropped until the answer is complete
    _headers_done = False
    _unfinished = False
    _deadline: asyncio.TimerHandle | None = None
    _written: asyncio.TimerHandle | None = None
    _wire = _header_bytes = _header_count = _pieces = _drained = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.waiting.remove(self)
        self.unread.remove(self)
        for timer in (self._deadline, self._written):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass bytes to the parser, or drop them after a refusal."""
        if self.draining:
            self._drained += len(data)
            if self._drained > self.bounds.drained_bytes:
                self.transport.abort()
            return
        if self._deaf:
            self._wire += len(data)
            if self._wire > self.bounds.wire_bytes:
                self.transport.abort()
            return
        self._unset_keepalive_if_required()
        if not self._unfinished and not self._headers_done:
            self._await_request()
        self._wire += len(data)
        try:
            self.parser.feed_data(data)
            self._check_sizes()
        except httptools.HttpParserUpgrade:
            self._hear_no_more()
        except _Refusal as refusal:
            self._refuse(refusal.status, refusal.detail)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, _Refusal):
                self._refuse(cause.status, cause.detail)
            else:
                self._refuse(400, "This is no request of HTTP.")

    def _check_sizes(self) -> None:
        if not self._headers_done and self._wire > self.bounds.header_bytes:
            raise _Refusal(431, "The headers are too large.")
        if self._wire > self.bounds.wire_bytes:
            raise _Refusal(413, "The body is too large.")

    # Events of the parser

    def on_message_begin(self) -> None:
        """Begin a request; refuse it if the request before it is not answered yet."""
        if self._answering():
            raise _Refusal(400, "Send one request after the other.")
        super().on_message_begin()
        self._header_bytes = self._header_count = self._pieces = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        super().on_url(url)
        if len(self.url) > self.bounds.target_bytes:
            raise _Refusal(414, "The address is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header or a trailer."""
        self._header_count += 1
        self._header_bytes += len(name) + len(value) + 4
        too_many = self._header_count > self.bounds.headers
        if too_many or self._header_bytes > self.bounds.header_bytes:
            raise _Refusal(431, "The headers are too large.")
        if not self._headers_done:  # trailers are only counted
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the application, which receives the body piece by piece."""
        self._stop_deadline()
        self._headers_done = True
        super().on_headers_complete()
        self.cycle.transport = _Closing(self, self.transport)  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._pieces += 1
        if self._pieces > self.bounds.pieces:
            raise _Refusal(400, "The body arrives in too many tiny pieces.")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request is complete."""
        self._set_unfinished(False)
        super().on_message_complete()

    # After the answer

    def on_response_complete(self) -> None:
        """Wait for the next request; end the connection if this request is not complete."""
        if self.draining or self._deaf or self._unfinished:
            self.server_state.total_requests += 1
            self.finish()
            return
        self._headers_done = False
        self._wire = 0
        super().on_response_complete()
        self._watch_writing()

    def finish(self) -> None:
        """Close after the client has the answer, and has stopped sending or reached a limit.

        An immediate close would reset the connection of a client that still sends. The client
        would lose the answer with the reason.
        """
        if self.transport.is_closing() or self.draining:
            return
        self._watch_writing()
        if not (self._unfinished or self._deaf):
            self.transport.close()
            return
        self.draining = True
        self._stop_deadline()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._deadline = self.loop.call_later(self.bounds.drained_s, self.transport.abort)

    def pause_writing(self) -> None:
        """Start the time limit for a client that does not read."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """Stop the time limit for a client that reads again."""
        super().resume_writing()
        self._watch_writing()

    def _watch_writing(self) -> None:
        waits = self.transport.get_write_buffer_size() > 0
        if waits and self._written is None:
            self._written = self.loop.call_later(self.bounds.written_s, self._written_late)
            self.unread.add(self, self._address)
        elif not waits and self._written is not None:
            self._written.cancel()
            self._written = None
            self.unread.remove(self)

    def _written_late(self) -> None:
        self._written = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    # Refusals and deadlines

    def _hear_no_more(self) -> None:
        """Answer the current request and drop all further bytes."""
        self._deaf = True
        self.cycle.keep_alive = False

    def _answering(self) -> bool:
        cycle: object = self.cycle  # None before the first request, unlike its type
        return cycle is not None and not self.cycle.response_complete

    def _refuse(self, status: int, detail: str) -> None:
        """Refuse a request that the application has not seen, or has not seen completely."""
        cycle = self.cycle
        if self._answering():
            self._hear_no_more()
            if self._unfinished and self._headers_done:  # the body will never be complete
                cycle.disconnected = True
                cycle.message_event.set()
                if not cycle.response_started:
                    self._write_problem(status, detail)
                self.finish()
            return
        self._deaf = True
        self._write_problem(status, detail)
        self.finish()

    def _write_problem(self, status: int, detail: str) -> None:
        title = HTTPStatus(status).phrase
        document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        body = json.dumps(document).encode()
        head = {
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Cache-Control": "no-store",
        }
        lines = [f"HTTP/1.1 {status} {title}", *(f"{k}: {v}" for k, v in (head | HEADERS).items())]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)

    def _await_request(self) -> None:
        """Start the time limit for the headers of a request."""
        self._set_unfinished(True)
        self._stop_deadline()
        self._deadline = self.loop.call_later(self.bounds.headers_s, self._headers_late)

    def _headers_late(self) -> None:
        self._deadline = None
        if self._wire:
            self._refuse(408, "The headers did not arrive in time.")
        else:
            self.transport.abort()

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _set_unfinished(self, unfinished: bool) -> None:
        self._unfinished = unfinished
        if unfinished:
            self.waiting.add(self, self._address)
        else:
            self.waiting.remove(self)

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def expected(self) -> bool:
        """Return whether the request is an upload of a known person; ``uploads.py`` sets this."""
        request: dict[str, Any] = self.scope["state"] if self._headers_done else {}
        return bool(request.get("expected"))


def connections_within(bounds: Bounds) -> type[BoundedConnection]:
    """Return the class of connections for one server."""
    made: dict[str, Any] = {
        "bounds": bounds,
        "waiting": Waiting(bounds.waiting),
        "unread": Waiting(bounds.unread),
    }
    return type("Connection", (BoundedConnection,), made)
