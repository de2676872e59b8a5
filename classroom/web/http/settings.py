"""Server settings and their defaults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A burst of requests, then a rate per second."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Settings:
    """The limits of one server.

    A whole class may share one address: ``address`` and ``failed_tokens`` only limit requests
    without a valid token.
    """

    max_upload_bytes: int = 4 * 1024 * 1024
    upload_timeout_s: float = 60.0
    uploads_at_once: int = 2  # uploads in progress of one student
    form_bytes: int = 16 * 1024  # a form, or a JSON document
    form_timeout_s: float = 10.0
    invalid_kept: int = 50  # refused files in a team's list
    board_age_s: float = 1.0  # largest age of the board that open pages receive
    token: Rate = Rate(burst=60, per_second=2.0)
    address: Rate = Rate(burst=2000, per_second=200.0)
    failed_tokens: Rate = Rate(burst=30, per_second=0.2)  # wrong tokens from one address
    refused_files: Rate = Rate(burst=60, per_second=0.1)  # of one student


@dataclass(frozen=True)
class Bounds:
    """The limits of one connection."""

    header_bytes: int = 16 * 1024  # the request line, all headers and all trailers of a request
    headers: int = 100
    target_bytes: int = 4096
    headers_s: float = 10.0  # from the first byte, or the connection, to the end of the headers
    wire_bytes: int = 12 * 1024 * 1024  # of one request, with the framing of a chunked body
    pieces: int = 20_000  # of one body
    drained_bytes: int = 8 * 1024 * 1024  # read and dropped after a refusal, so that it is read
    drained_s: float = 5.0
    written_s: float = 60.0  # until a client has taken an answer
    unread: int = 500  # connections with an answer that the client has not taken; see Waiting
    waiting: int = 4000  # connections with an unfinished request, each about 20 kB; see Waiting
